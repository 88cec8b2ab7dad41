using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace CloudPhone.Shared.Http;

/// <summary>
/// Calls to one sibling service through the sidecar, which resolves the name and applies time-outs, retries and
/// breakers.
/// Taken as <c>[FromKeyedServices(AppIds.Users)] Sibling users</c>.
/// </summary>
public sealed class Sibling(HttpClient http, string appId)
{
    /// <summary>For the header Prefer of a write: shorter than the sidecar's time-out, so that the sidecar's repetition
    /// gets the answer of the first.</summary>
    public const string WaitForFirst = "wait=8";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <param name="path">Absolute path and query. Endpoints made for siblings have fixed paths: breakers are kept per
    /// path.</param>
    /// <returns>Null for 404.</returns>
    /// <exception cref="SiblingUnavailableException">It can't be reached, or failed.</exception>
    /// <exception cref="SiblingRefusedException">It answered 4xx.</exception>
    public async Task<T?> GetAsync<T>(string path, CancellationToken ct) where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(path, write: false));
        using var response = await SendAsync(request, ct);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync<T>(response, ct);
    }

    /// <param name="idempotencyKey">The same for every repetition of the same act, so that it takes effect
    /// once.</param>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<T?> PostAsync<T>(string path, object body, string idempotencyKey, CancellationToken ct)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(path, write: true))
        {
            Content = JsonContent.Create(body, options: Json),
        };
        // a chunked body can't be repeated by the sidecar
        await request.Content.LoadIntoBufferAsync(ct);
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        request.Headers.Add("Prefer", WaitForFirst);
        using var response = await SendAsync(request, ct);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync<T>(response, ct);
    }

    /// <summary>Opens a file of the sibling without taking it into memory. The caller disposes the stream.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<Stream?> GetStreamAsync(string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(path, write: false));
        var response = await SendAsync(request, ct, HttpCompletionOption.ResponseHeadersRead);
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadAsStreamAsync(ct);
        using (response)
            return response.StatusCode == HttpStatusCode.NotFound ? null : throw await FailureAsync(response, ct);
    }

    // writes go to the target's alias, which has a longer time-out and other retries
    string Address(string path, bool write) => $"http://{appId}{(write ? ".default" : "")}{path}";

    async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken ct,
        HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        try
        {
            return await http.SendAsync(request, completion, ct);
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            throw new SiblingUnavailableException(appId, e);
        }
    }

    async Task<T?> ReadAsync<T>(HttpResponseMessage response, CancellationToken ct) where T : class
    {
        if (response.IsSuccessStatusCode)
            return response.StatusCode == HttpStatusCode.NoContent ? null
                : await response.Content.ReadFromJsonAsync<T>(Json, ct);
        throw await FailureAsync(response, ct);
    }

    async Task<Exception> FailureAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if ((int)response.StatusCode >= 500
            || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
            return new SiblingUnavailableException(appId, null);
        ProblemDetails? problem = null;
        try
        {
            problem = await response.Content.ReadFromJsonAsync<ProblemDetails>(Json, ct);
        }
        catch (JsonException)
        {
        }
        // an earlier try of the same act runs, or died half-way: what became of it is not known yet
        return problem?.Type == IdempotencyMiddleware.InProgress ? new SiblingUnavailableException(appId, null)
            : new SiblingRefusedException(appId, (int)response.StatusCode, problem);
    }
}

/// <summary>A sibling service can't be reached or failed after the retries; the message can be shown to
/// users.</summary>
public sealed class SiblingUnavailableException(string appId, Exception? inner)
    : Exception($"The {appId} can't be reached at the moment.", inner)
{
    /// <summary>Which one, by its app id.</summary>
    public string AppId => appId;
}

/// <summary>A sibling service refused with a 4xx problem.</summary>
public sealed class SiblingRefusedException(string appId, int status, ProblemDetails? problem)
    : Exception($"The {appId} refused: {status} {problem?.Detail ?? problem?.Title}")
{
    /// <summary>400 to 499; never 404, 408 or 429, which mean something else here.</summary>
    public int Status => status;
    /// <summary>Null: the body was no problem.</summary>
    public ProblemDetails? Problem => problem;
}
