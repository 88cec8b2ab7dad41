using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.PhoneSimulator.Scrcpy;

/// <summary>scrcpy's control messages, big-endian, out of a stream.</summary>
sealed class ControlReader(Stream stream)
{
    /// <summary>No client sends more in one.</summary>
    public const int MaxText = (256 << 10) - 14;
    readonly byte[] _fixed = new byte[32];

    /// <returns>Null at the end.</returns>
    /// <exception cref="ControlProtocolException">It is no message.</exception>
    /// <exception cref="EndOfStreamException">It ends within one.</exception>
    public async ValueTask<ControlMessage?> ReadAsync(CancellationToken ct)
    {
        if (await stream.ReadAtLeastAsync(_fixed.AsMemory(0, 1), 1, throwOnEndOfStream: false, ct) == 0)
            return null;
        var type = _fixed[0];
        await stream.ReadExactlyAsync(_fixed.AsMemory(0, FixedLength(type)), ct);
        return type switch
        {
            1 => new TextMessage(await TextAsync(U32(0), ct)),
            9 => new SetClipboardMessage(U64(0), _fixed[8] != 0, await TextAsync(U32(9), ct)),
            12 => await DeviceAsync(ct),
            13 => await SkipAsync(type, U16(2), ct),
            16 => new StartAppMessage(await TextAsync(_fixed[0], ct)),
            22 => await SkipAsync(type, U32(0), ct),
            _ => Fixed(type),
        };
    }

    /// <summary>What comes in any case after the type.</summary>
    static int FixedLength(byte type) => type switch
    {
        0 => 13,
        1 or 21 or 22 => 4,
        2 => 31,
        3 => 20,
        4 or 8 or 10 or 16 or 18 => 1,
        5 or 6 or 7 or 11 or 15 or 17 or 19 or 20 => 0,
        9 => 13,
        12 => 7,
        13 => 4,
        14 => 2,
        _ => throw new ControlProtocolException($"Unknown event type: {type}"),
    };

    ControlMessage Fixed(byte type) => type switch
    {
        0 => new KeyMessage(_fixed[0], (int)U32(1), (int)U32(5), (int)U32(9)),
        2 => new TouchMessage(_fixed[0], U64(1), (int)U32(9), (int)U32(13), (int)U16(17), (int)U16(19)),
        3 => new ScrollMessage((int)U32(0), (int)U32(4), (int)U16(8), (int)U16(10), (short)U16(14) / 2048.0),
        4 => new BackMessage(_fixed[0]),
        5 => new PanelMessage("Notifications"),
        6 => new PanelMessage("Settings"),
        7 => new PanelMessage(null),
        8 => new GetClipboardMessage(_fixed[0]),
        10 => new DisplayPowerMessage(_fixed[0] != 0),
        11 => new RotateMessage(),
        17 => new ResetVideoMessage(),
        _ => new IgnoredMessage(type),
    };

    /// <summary>A keyboard or mouse to be made: its name, then its descriptor.</summary>
    async ValueTask<ControlMessage> DeviceAsync(CancellationToken ct)
    {
        await SkipAsync(12, _fixed[6], ct);
        await stream.ReadExactlyAsync(_fixed.AsMemory(0, 2), ct);
        return await SkipAsync(12, U16(0), ct);
    }

    async ValueTask<ControlMessage> SkipAsync(byte type, uint length, CancellationToken ct)
    {
        await TextAsync(length, ct);
        return new IgnoredMessage(type);
    }

    /// <summary>Room is made as it comes: a length is only a claim.</summary>
    async ValueTask<string> TextAsync(uint length, CancellationToken ct)
    {
        if (length > MaxText)
            throw new ControlProtocolException($"A text of {length} bytes");
        var text = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, 4096));
        try
        {
            for (var n = 0; n < length;)
            {
                if (n == text.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(n * 2);
                    text.AsSpan().CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(text);
                    text = larger;
                }
                var room = (int)Math.Min(length, (uint)text.Length) - n;
                await stream.ReadExactlyAsync(text.AsMemory(n, room), ct);
                n += room;
            }
            return Encoding.UTF8.GetString(text, 0, (int)length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    uint U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_fixed.AsSpan(at));

    uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(_fixed.AsSpan(at));

    ulong U64(int at) => BinaryPrimitives.ReadUInt64BigEndian(_fixed.AsSpan(at));
}
