using System.Buffers.Binary;

namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>The packets of shell v2: one byte of kind, four of length, the data.</summary>
static class ShellPackets
{
    public const byte In = 0, Out = 1, Error = 2, Exit = 3, CloseIn = 3, WindowSize = 5;
    public const int Head = 5;

    public static byte[] Make(byte kind, ReadOnlySpan<byte> data)
    {
        var packet = new byte[Head + data.Length];
        packet[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(1), data.Length);
        data.CopyTo(packet.AsSpan(Head));
        return packet;
    }
}

/// <summary>What a command writes, in packets of its kind.</summary>
sealed class ShellOutput(Stream stream, byte kind, SemaphoreSlim turn) : AsyncStream
{
    const int MaxData = 32 << 10;

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var n = Math.Min(buffer.Length, MaxData);
            // two commands of a pipe may write at once
            await turn.WaitAsync(cancellationToken);
            try
            {
                await stream.WriteAsync(ShellPackets.Make(kind, buffer.Span[..n]), cancellationToken);
            }
            finally
            {
                turn.Release();
            }
            buffer = buffer[n..];
        }
    }
}

/// <summary>What the client sends as its standard input, out of its packets.</summary>
sealed class ShellInput(Stream stream) : AsyncStream
{
    readonly byte[] _head = new byte[ShellPackets.Head];
    uint _left;
    bool _ended;

    /// <returns>0 once the client has closed it.</returns>
    /// <exception cref="InvalidDataException">The client speaks something else.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_left == 0 && !_ended)
            await NextAsync(cancellationToken);
        if (_ended || buffer.Length == 0)
            return 0;
        var n = await stream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _ended = n == 0;
        _left -= (uint)n;
        return n;
    }

    async Task NextAsync(CancellationToken ct)
    {
        if (await stream.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, ct) < _head.Length)
        {
            _ended = true;
            return;
        }
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_head.AsSpan(1));
        switch (_head[0])
        {
            case ShellPackets.In:
                _left = length;
                break;
            case ShellPackets.CloseIn when length == 0:
                _ended = true;
                break;
            case ShellPackets.WindowSize when length <= 64:
                await stream.ReadExactlyAsync(new byte[length], ct);
                break;
            default:
                throw new InvalidDataException();
        }
    }
}
