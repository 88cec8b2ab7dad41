using System.Buffers;
using System.Net;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>
/// The body of a call. One with a Content-Length is kept in memory if the policy can repeat the call; every other
/// passes as it comes and only once.
/// </summary>
sealed class RequestBody
{
    readonly HttpRequest _request;
    readonly byte[]? _kept;
    readonly bool _isThere;

    RequestBody(HttpRequest request, bool isThere, byte[]? kept) =>
        (_request, _isThere, _kept) = (request, isThere, kept);

    /// <summary>A part has been sent and can't be sent again.</summary>
    public bool IsUsedUp { get; private set; }

    /// <summary>What reading from the caller failed with.</summary>
    public Exception? Failure { get; private set; }

    /// <exception cref="BodyTooLargeException">The announced length is beyond the limit.</exception>
    public static async Task<RequestBody> ReadAsync(
        HttpContext http, SidecarOptions options, bool keep, CancellationToken ct)
    {
        var request = http.Request;
        if (options.MaxBodySize > 0 && request.ContentLength > options.MaxBodySize)
            throw new BodyTooLargeException();
        var isThere = request.ContentLength > 0
            || (request.ContentLength is null
                && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true);
        if (!isThere || !keep || request.ContentLength is not { } length)
            return new(request, isThere, null);
        var kept = GC.AllocateUninitializedArray<byte>(checked((int)length));
        await request.Body.ReadExactlyAsync(kept, ct);
        return new(request, true, kept);
    }

    /// <summary>For one attempt; null where there is neither a body nor an announced length of zero.</summary>
    public HttpContent? ToContent() =>
        _kept is not null ? new ByteArrayContent(_kept)
        : _isThere ? new Passing(this)
        : _request.ContentLength == 0 || _request.ContentType is not null ? new ByteArrayContent([])
        : null;

    sealed class Passing(RequestBody body) : HttpContent
    {
        const int BufferSize = 16 << 10;

        protected override bool TryComputeLength(out long length)
        {
            length = body._request.ContentLength ?? 0;
            return body._request.ContentLength is not null;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        /// <summary>
        /// Flushes whenever the caller has nothing more at hand, so that what it sent so far arrives.
        /// </summary>
        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken ct)
        {
            body.IsUsedUp = true;
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                while (true)
                {
                    var reading = body._request.Body.ReadAsync(buffer, ct);
                    if (!reading.IsCompleted)
                        await stream.FlushAsync(ct);
                    var n = await reading;
                    if (n == 0)
                        return;
                    await stream.WriteAsync(buffer.AsMemory(0, n), ct);
                }
            }
            catch (Exception e) when (e is BadHttpRequestException or BodyTooLargeException)
            {
                body.Failure = e;
                throw;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
