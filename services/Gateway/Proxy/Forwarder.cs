using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace CloudPhone.Gateway.Proxy;

/// <summary>
/// Hands a request to the service that owns it: through the sidecar, which finds it and applies time-outs and retries,
/// or, where the sidecar can't find it, straight to its configured address.
/// </summary>
sealed partial class Forwarder(
    IHttpForwarder forwarder, HttpMessageInvoker client, GatewayOptions options, SiblingAddresses addresses,
        ILogger<Forwarder> log)
{
    /// <summary>Bodies up to this are kept, so that they can be sent a second time.</summary>
    const int MaxKeptBytes = 1 << 20;
    public const string KeyHeader = "Idempotency-Key";
    readonly ForwarderRequestConfig _config = new() { ActivityTimeout = options.AnswerTimeout };
    readonly ForwarderRequestConfig _uploads = new() { ActivityTimeout = options.UploadTimeout };

    /// <param name="isLarge">A file, up or down, which may take long.</param>
    public async Task ForwardAsync(HttpContext http, string appId, bool isLarge = false)
    {
        if (await RefuseOversizedAsync(http))
            return;
        GiveKey(http.Request);
        if (!addresses.UseSidecar)
        {
            await ForwardDirectAsync(http, appId, isLarge);
            return;
        }
        var repeatable = await KeepBodyAsync(http);

        // 1. through the sidecar; its own error answers are held back
        var transformer = new SidecarTransformer(
            Target(http.Request, appId, isLarge), options.SidecarToken, streaming: !repeatable);
        var error = await forwarder.SendAsync(
            http, options.Sidecar.ToString(), client, ConfigOf(http.Request, isLarge), transformer);
        if (transformer.SidecarError is not { } said)
        {
            await FinishAsync(http, appId, error);
            return;
        }

        http.Response.Clear();

        // 2. the name is unknown: the last attempt was not sent, and what an earlier one did is found by the key
        if (SidecarErrors.IsUnresolved(said) && repeatable && addresses[appId] is not null)
        {
            if (http.Request.ContentLength > 0)
                http.Request.Body.Position = 0;
            await ForwardDirectAsync(http, appId, isLarge);
            return;
        }

        // 3. nothing of the sidecar's words reaches the user
        SidecarFailed(log, appId, said);
        await Failures.OfSidecar(said, appId, http).ExecuteAsync(http);
    }

    /// <summary>
    /// What times out is repeated, here or by the client, and may go to the configured address after that: under a key
    /// a change takes effect once all the same.
    /// </summary>
    static void GiveKey(HttpRequest request)
    {
        request.Headers.Remove("Prefer");
        if (IsRead(request) || request.Headers.ContainsKey(KeyHeader))
            return;
        request.Headers[KeyHeader] = $"gateway-{Guid.CreateVersion7():N}";
        // who has no key of its own can't be told that its only request still runs
        request.Headers["Prefer"] = Sibling.WaitForFirst;
    }

    /// <summary>
    /// Makes a body one of known length that can be read again. The runtime repeats a chunked one empty after a
    /// time-out, and does not repeat it after an answer.
    /// </summary>
    /// <returns>False: it is, or may be, too large to be kept; it is sent once, as it comes.</returns>
    static async Task<bool> KeepBodyAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
            return true;
        if (http.Request.ContentLength is { } length)
        {
            if (length > MaxKeptBytes)
                return false;
            http.Request.EnableBuffering(MaxKeptBytes);
            return true;
        }
        if (!(http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize <= MaxKeptBytes))
            return false;
        var kept = new MemoryStream();
        await http.Request.Body.CopyToAsync(kept, http.RequestAborted);
        kept.Position = 0;
        http.Request.Body = kept;
        http.Request.Headers.TransferEncoding = default;
        http.Request.ContentLength = kept.Length;
        return true;
    }

    /// <summary>Past the sidecars, which would end it after a few seconds; without an address there is only their
    /// way.</summary>
    public async Task ForwardFileAsync(HttpContext http, string appId)
    {
        if (addresses[appId] is null)
            await ForwardAsync(http, appId);
        else if (!await RefuseOversizedAsync(http))
            await ForwardDirectAsync(http, appId);
    }

    /// <inheritdoc cref="ForwardAsync"/>
    public async Task ForwardDirectAsync(HttpContext http, string appId, bool isLarge = false)
    {
        if (addresses[appId] is not { } address)
        {
            await Problems.Unavailable("unavailable", $"The {appId} is not known at the moment.").ExecuteAsync(http);
            return;
        }
        await FinishAsync(http, appId, await forwarder.SendAsync(
            http, address.ToString(), client, ConfigOf(http.Request, isLarge), DirectTransformer.Instance));
    }

    /// <summary>Between the last byte of an upload and its answer nothing moves.</summary>
    ForwarderRequestConfig ConfigOf(HttpRequest request, bool isLarge) =>
        isLarge && !IsRead(request) ? _uploads : _config;

    /// <summary>
    /// Reads take the service's name, changes and large files its alias, which has longer time-outs and other retries.
    /// </summary>
    static string Target(HttpRequest request, string appId, bool isLarge) =>
        IsRead(request) && !isLarge ? appId : appId + ".default";

    internal static bool IsRead(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
        || HttpMethods.IsOptions(request.Method);

    async Task FinishAsync(HttpContext http, string appId, ForwarderError error)
    {
        if (error == ForwarderError.None || http.Response.HasStarted || http.RequestAborted.IsCancellationRequested)
            return;
        var cause = http.GetForwarderErrorFeature()?.Exception;
        NotForwarded(log, appId, error, cause?.Message);
        http.Response.Clear();
        await Failures.OfForwarding(error, cause, appId, http).ExecuteAsync(http);
    }

    static async Task<bool> RefuseOversizedAsync(HttpContext http)
    {
        var limit = http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
        if (limit is null || !(http.Request.ContentLength > limit))
            return false;
        await Problems.Of(413, "body-too-large", $"The body is larger than the {limit >> 20} MB that this route takes.")
            .ExecuteAsync(http);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "The sidecar could not reach {AppId}: {Said}")]
    static partial void SidecarFailed(ILogger log, string appId, string said);

    [LoggerMessage(2, LogLevel.Warning, "Not forwarded to {AppId}: {Error} {Cause}")]
    static partial void NotForwarded(ILogger log, string appId, ForwarderError error, string? cause);
}
