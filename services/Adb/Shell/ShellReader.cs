using System.Buffers.Binary;

namespace CloudPhone.Adb.Shell;

enum ShellPart : byte
{
    Output = 1,
    Error = 2,
    Exit = 3,
}

/// <summary>The packets of shell v2, piece by piece: one byte of kind, four of length, the data.</summary>
sealed class ShellReader(Stream stream)
{
    /// <summary>No adbd sends more in one packet.</summary>
    const uint MaxPacket = 1 << 20;
    readonly byte[] _head = new byte[5];
    ShellPart _part;
    uint _left;

    /// <summary>Some more of it. An exit comes as one byte, the code, and is the last.</summary>
    /// <exception cref="AdbException">It is no answer of a shell, or ends before the exit.</exception>
    public async ValueTask<(ShellPart Part, int Length)> ReadAsync(Memory<byte> target, CancellationToken ct)
    {
        while (_left == 0)
            await NextAsync(ct);
        var n = await stream.ReadAsync(target[..(int)Math.Min((uint)target.Length, _left)], ct);
        if (n == 0)
            throw Early();
        _left -= (uint)n;
        return (_part, n);
    }

    async ValueTask NextAsync(CancellationToken ct)
    {
        if (await stream.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, ct) < _head.Length)
            throw Early();
        (_part, _left) = ((ShellPart)_head[0], BinaryPrimitives.ReadUInt32LittleEndian(_head.AsSpan(1)));
        if (_part is not (ShellPart.Output or ShellPart.Error or ShellPart.Exit) || _left > MaxPacket
            || (_part == ShellPart.Exit && _left != 1))
            throw AdbException.Protocol("a wrong packet of its shell");
    }

    static AdbException Early() => new(AdbFault.Broken, "The phone's shell ended without an exit code.");
}
