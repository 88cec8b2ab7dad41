using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// HTTP/2 without TLS beside HTTP/1.1 at one port, as the runtime's HTTP API has it. The server chooses between
/// the two only by what TLS agreed on; a connection that begins with HTTP/2's preface is therefore shown to it as
/// one that agreed on h2.
/// </summary>
static class PriorKnowledge
{
    static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    public static Func<ConnectionDelegate, ConnectionDelegate> Middleware { get; } = next => async connection =>
    {
        try
        {
            if (await BeginsWithPrefaceAsync(connection))
            {
                connection.Features.Set<ITlsConnectionFeature>(Agreed.OnHttp2);
                connection.Features.Set<ITlsApplicationProtocolFeature>(Agreed.OnHttp2);
            }
        }
        catch (OperationCanceledException) when (connection.ConnectionClosed.IsCancellationRequested)
        {
            // Closed before it said anything.
            return;
        }
        await next(connection);
    };

    static async Task<bool> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(connection.ConnectionClosed);
            var (isPreface, isDecided) = Compare(read.Buffer);
            input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided || read.IsCompleted)
                return isPreface;
        }
    }

    static (bool IsPreface, bool IsDecided) Compare(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> first = stackalloc byte[24];
        var length = (int)Math.Min(buffer.Length, Preface.Length);
        buffer.Slice(0, length).CopyTo(first);
        var isSame = first[..length].SequenceEqual(Preface.AsSpan(0, length));
        return (isSame && length == Preface.Length, !isSame || length == Preface.Length);
    }

    sealed class Agreed : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public static readonly Agreed OnHttp2 = new();

        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

        public X509Certificate2? ClientCertificate
        {
            get => null;
            set => throw new NotSupportedException();
        }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
            Task.FromResult<X509Certificate2?>(null);
    }
}
