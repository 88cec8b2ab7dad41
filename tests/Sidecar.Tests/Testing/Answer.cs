using System.Text;
using System.Text.Json;

namespace CloudPhone.Sidecar.Tests.Testing;

/// <summary>A sidecar's answer, read to its end. Header names are in lower case.</summary>
public sealed record Answer(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);
    public string ErrorCode => Json.GetProperty("errorCode").GetString()!;
    public string Message => Json.GetProperty("message").GetString()!;

    public static async Task<Answer> OfAsync(HttpResponseMessage response)
    {
        using (response)
            return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(),
                response.Headers.Concat(response.Content.Headers)
                    .ToDictionary(h => h.Key.ToLowerInvariant(), h => string.Join(",", h.Value)));
    }

    /// <summary>A request to exactly that path; a body that begins with one of <c>{["</c> is JSON.</summary>
    public static HttpRequestMessage Request(
        string endpoint, string method, string path, string? body = null, bool chunked = false,
        params (string Name, string Value)[] headers)
    {
        var exactly = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var request = new HttpRequestMessage(new(method), new Uri(endpoint + path, exactly));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            var isJson = body.Length > 0 && "{[\"".Contains(body[0]);
            request.Content.Headers.ContentType = new(isJson ? "application/json" : "text/plain");
        }
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        foreach (var (name, value) in headers)
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        return request;
    }
}
