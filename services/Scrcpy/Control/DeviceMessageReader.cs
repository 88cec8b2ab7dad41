using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.Scrcpy.Control;

/// <summary>What a phone tells on the control socket.</summary>
/// <param name="Text">What was copied there; null: an acknowledgement.</param>
/// <param name="Sequence">Of what is acknowledged.</param>
readonly record struct DeviceMessage(string? Text, ulong Sequence);

/// <summary>Messages of the phone, big-endian, out of a stream.</summary>
sealed class DeviceMessageReader(Stream stream)
{
    /// <summary>The server sends no longer text.</summary>
    public const int MaxText = (256 << 10) - 5;
    const byte Clipboard = 0, Acknowledgement = 1, Hardware = 2;
    readonly byte[] _head = new byte[8];
    byte[] _data = new byte[1024];

    /// <returns>Null at the end.</returns>
    /// <exception cref="ScrcpyException">It is no message, or ends within one.</exception>
    public async ValueTask<DeviceMessage?> ReadAsync(CancellationToken ct)
    {
        while (await stream.ReadAsync(_head.AsMemory(0, 1), ct) == 1)
        {
            switch (_head[0])
            {
                case Clipboard:
                    await FillAsync(_head, 4, ct);
                    var length = await DataAsync(BinaryPrimitives.ReadUInt32BigEndian(_head), ct);
                    return new DeviceMessage(Encoding.UTF8.GetString(_data, 0, length), 0);
                case Acknowledgement:
                    await FillAsync(_head, 8, ct);
                    return new DeviceMessage(null, BinaryPrimitives.ReadUInt64BigEndian(_head));
                case Hardware:
                    // of keyboards that are made over USB's protocol: here there are none
                    await FillAsync(_head, 4, ct);
                    await DataAsync(BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)), ct);
                    break;
                default:
                    throw ScrcpyException.Protocol($"a message of type {_head[0]}");
            }
        }
        return null;
    }

    /// <summary>Room is made as it comes: a length is only a claim.</summary>
    async ValueTask<int> DataAsync(uint length, CancellationToken ct)
    {
        if (length > MaxText)
            throw ScrcpyException.Protocol($"a text of {length} bytes");
        for (var read = 0; read < length;)
        {
            if (read == _data.Length)
                Array.Resize(ref _data, (int)Math.Min(length, 2 * read));
            var n = await stream.ReadAsync(_data.AsMemory(read, (int)Math.Min(length, _data.Length) - read), ct);
            read += n > 0 ? n : throw Early();
        }
        return (int)length;
    }

    async ValueTask FillAsync(byte[] target, int count, CancellationToken ct)
    {
        if (await stream.ReadAtLeastAsync(target.AsMemory(0, count), count, throwOnEndOfStream: false, ct) < count)
            throw Early();
    }

    static ScrcpyException Early() => new(ScrcpyFault.Ended, "The phone's control socket ended within a message.");
}
