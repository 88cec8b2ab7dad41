using System.Buffers;
using System.Net.Http.Headers;
using CloudPhone.Sidecar.Api;
using Microsoft.Extensions.Primitives;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>Hands an app's answer to the caller: status and headers as they are, the body as it comes.</summary>
static class ResponseWriter
{
    const int BufferSize = 16 << 10, MostUnflushed = 64 << 10;

    public static async Task CopyAsync(
        HttpResponseMessage from, HttpResponse to, string? traceparent, CancellationToken ct)
    {
        to.StatusCode = (int)from.StatusCode;
        var connection = from.Headers.NonValidated.TryGetValues("Connection", out var named) ? Values(named) : default;
        Copy(from.Headers, to, connection);
        Copy(from.Content.Headers, to, connection);
        if (to.StatusCode is 204 or 304 or < 200)
            to.Headers.ContentLength = null;
        if (traceparent is not null)
            to.Headers.TraceParent = traceparent;
        if (to.HttpContext.Request.Method != HttpMethods.Head && to.StatusCode is not (204 or 304))
            await CopyBodyAsync(from.Content, to, ct);
    }

    /// <summary>
    /// Flushes whenever the app has nothing more at hand, so that server-sent events arrive as they are sent.
    /// </summary>
    static async Task CopyBodyAsync(HttpContent from, HttpResponse to, CancellationToken ct)
    {
        await using var stream = await from.ReadAsStreamAsync(ct);
        var writer = to.BodyWriter;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var begun = false;
        try
        {
            var unflushed = 0;
            while (true)
            {
                var reading = stream.ReadAsync(buffer, ct);
                if (!reading.IsCompleted || unflushed >= MostUnflushed)
                {
                    await writer.FlushAsync(ct);
                    unflushed = 0;
                }
                var n = await reading;
                if (n == 0)
                    break;
                begun = true;
                writer.Write(buffer.AsSpan(0, n));
                unflushed += n;
            }
            // At the end of a response with a length the server flushes only if nothing has gone out before.
            if (unflushed > 0 && to.HasStarted)
                await writer.FlushAsync(ct);
        }
        catch (Exception) when (begun)
        {
            // What has gone out can't be taken back; the caller must not take it for the whole.
            to.HttpContext.Abort();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static void Copy(HttpHeaders from, HttpResponse to, StringValues connection)
    {
        foreach (var (name, values) in from.NonValidated)
            if (HeaderRules.PassesBack(name, connection)
                && !name.Equals(PeerEndpoint.ErrorHeader, StringComparison.OrdinalIgnoreCase)
                && !name.Equals(TraceContext.ParentHeader, StringComparison.OrdinalIgnoreCase))
                to.Headers[name] = Values(values);
    }

    static StringValues Values(HeaderStringValues values) =>
        values.Count == 1 ? values.ToString() : new StringValues([.. values]);
}
