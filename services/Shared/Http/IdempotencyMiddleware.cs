using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace CloudPhone.Shared.Http;

/// <summary>
/// An Idempotency-Key on a changing request makes it take effect once: a repetition gets the first answer, marked
/// <c>Idempotency-Replayed: true</c>; while the first still runs 409; with another body 422.
/// </summary>
/// <remarks>Of routes that need no token only those that are <c>Confidential</c> keep anything: nobody is known whose
/// key it is, so what they keep is of use only to who sends the very same request, secrets included. With
/// <c>Prefer: wait=SECONDS</c> (RFC 7240) a repetition waits so long for the first answer, and then gets a 504, which
/// says to whoever repeats requests that it may do so.</remarks>
sealed class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store, JwtSettings jwt)
{
    public const string Header = "Idempotency-Key";
    public const string InProgress = "request-in-progress";
    const int MaxKeyLength = 255;
    const int MaxHashedBytes = 1 << 20;
    /// <summary>Of an upload, whose length says the rest where it is known.</summary>
    const int PeekedBytes = 64 << 10;
    const int MaxWaitSeconds = 30;
    readonly SecretBox _box = new(jwt, "kept answers");

    public async Task InvokeAsync(HttpContext http)
    {
        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0 || !IsChange(http) || CallerOf(http) is not { } caller)
        {
            await next(http);
            return;
        }
        if (key.Length > MaxKeyLength || key.Any(c => c is < '!' or > '~'))
            throw new BadHttpRequestException($"{Header} is 1 to {MaxKeyLength} visible ASCII characters.");
        var scope = Hash($"{caller}\n{http.Request.Method}\n{http.Request.Path}\n{key}");
        var patience = Patience(http.Request);
        var (claim, row) = await store.ClaimAsync(
            scope, await FingerprintAsync(http.Request), patience, http.RequestAborted);
        switch (claim)
        {
            case Claim.Ours:
                http.RequestServices.GetRequiredService<ResourceIds>().Keep(row!.ResourceId);
                await RunAsync(http, scope);
                break;
            case Claim.Answered:
                await ReplayAsync(http, row!);
                break;
            case Claim.Running:
                await Problems.Of(patience > TimeSpan.Zero ? 504 : 409, InProgress,
                    "The first request with this key is still running.", ("retryAfterSeconds", 1)).ExecuteAsync(http);
                break;
            default:
                await Problems.Of(422, "idempotency-key-reused", "This key was used for another request.")
                    .ExecuteAsync(http);
                break;
        }
    }

    static bool IsChange(HttpContext http) =>
        !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
        && !HttpMethods.IsOptions(http.Request.Method)
        && http.GetEndpoint()?.Metadata is { } route
        && route.GetMetadata<SubscriptionMetadata>() is null && !route.Contains(Kept.Nothing);

    /// <summary>On an open route it is anybody: a token that comes along may have ended when it is repeated.</summary>
    /// <returns>Null: nothing is kept.</returns>
    static string? CallerOf(HttpContext http) =>
        http.GetEndpoint()!.Metadata.GetMetadata<IAllowAnonymous>() is not null ? IsSealed(http) ? "anybody" : null
        : CurrentUser.From(http.User) is { } caller ? caller.Service ?? caller.Id.ToString() : null;

    static bool IsSealed(HttpContext http) => http.GetEndpoint()!.Metadata.Contains(Kept.Sealed);

    static TimeSpan Patience(HttpRequest request)
    {
        foreach (var preference in request.Headers["Prefer"].SelectMany(v => v!.Split(',', ';')))
            if (preference.Trim().Split('=') is [var name, var value]
                && name.Trim().Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(Math.Min(seconds, MaxWaitSeconds));
        return TimeSpan.Zero;
    }

    async Task RunAsync(HttpContext http, string scope)
    {
        using var done = new CancellationTokenSource();
        var held = store.HoldAsync(scope, done.Token);
        var original = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var copy = new MemoryStream();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(copy));
        // it runs to its end although the caller may give up: the answer is for whoever repeats it
        var aborted = http.RequestAborted;
        http.RequestAborted = CancellationToken.None;
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(http);
            status = http.Response.StatusCode;
        }
        catch (BadHttpRequestException)
        {
            status = StatusCodes.Status408RequestTimeout; // a malformed request did nothing: the key is free again
            throw;
        }
        finally
        {
            http.Features.Set(original);
            http.RequestAborted = aborted;
            await done.CancelAsync();
            await held.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // without it the key comes free earlier
            await store.SettleAsync(scope, status, http.Response.ContentType, http.Response.Headers.Location,
                IsSealed(http) ? Convert.ToBase64String(_box.Seal(copy.ToArray(), scope))
                : Encoding.UTF8.GetString(copy.ToArray()));
        }
        if (copy.Length > 0)
            await http.Response.Body.WriteAsync(copy.ToArray(), http.RequestAborted);
    }

    async Task ReplayAsync(HttpContext http, IdempotencyKey row)
    {
        var body = IsSealed(http) ? _box.Open(Convert.FromBase64String(row.Body ?? ""), row.Scope)
            : Encoding.UTF8.GetBytes(row.Body ?? "");
        if (body is null)
        {
            await Problems.Conflict("answer-not-kept", "This was done, and its answer can't be read any more.")
                .ExecuteAsync(http);
            return;
        }
        http.Response.StatusCode = row.Status!.Value;
        http.Response.ContentType = row.ContentType;
        http.Response.Headers["Idempotency-Replayed"] = "true";
        if (row.Location is not null)
            http.Response.Headers.Location = row.Location;
        if (body.Length > 0)
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    async Task<string> FingerprintAsync(HttpRequest request)
    {
        using var hash = IsSealed(request.HttpContext) ? _box.Fingerprint()
            : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.QueryString}\n"));
        if (request.HasFormContentType || request.ContentLength > MaxHashedBytes)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{request.ContentLength}\n{await BeginningAsync(request)}"));
            return Convert.ToHexString(hash.GetHashAndReset());
        }
        request.EnableBuffering(MaxHashedBytes);
        var buffer = new byte[8192];
        for (int n; (n = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
            hash.AppendData(buffer, 0, n);
        request.Body.Position = 0;
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>
    /// Looks at an upload without taking it. Each try of a client may have a boundary of its own, which is no part of
    /// what it sends.
    /// </summary>
    static async Task<string> BeginningAsync(HttpRequest request)
    {
        var body = request.BodyReader;
        var read = await body.ReadAtLeastAsync(PeekedBytes, request.HttpContext.RequestAborted);
        var length = Math.Min(read.Buffer.Length, PeekedBytes);
        var beginning = Encoding.Latin1.GetString(read.Buffer.Slice(0, length));
        body.AdvanceTo(read.Buffer.Start);
        var boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).ToString() : "";
        return Hash(boundary.Length == 0 ? beginning : beginning.Replace(boundary, "", StringComparison.Ordinal));
    }

    static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
