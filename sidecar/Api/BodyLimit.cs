using CloudPhone.Sidecar.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Api;

/// <summary>A body beyond --max-body-size.</summary>
sealed class BodyTooLargeException() : IOException("stream too large");

/// <summary>
/// --max-body-size. The server's own limit would break the connection off; this one lets the endpoint answer.
/// Bodies of a known, allowed length are not touched.
/// </summary>
sealed class BodyLimit(RequestDelegate next, SidecarOptions options)
{
    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        if (options.MaxBodySize > 0 && !(request.ContentLength <= options.MaxBodySize) && !Ports.IsGrpc(request)
            && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
            request.Body = new LimitedStream(request.Body, options.MaxBodySize, request.ContentLength);
        return next(http);
    }

    sealed class LimitedStream(Stream inner, long limit, long? announced) : Stream
    {
        long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct = default)
        {
            if (announced > limit)
                throw new BodyTooLargeException();
            var n = await inner.ReadAsync(buffer, ct);
            return (_read += n) <= limit ? n : throw new BodyTooLargeException();
        }

        public override Task<int> ReadAsync(
            byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
