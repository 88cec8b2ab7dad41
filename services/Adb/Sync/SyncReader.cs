using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.Adb.Sync;

/// <summary>What a phone's sync service answers; lengths are checked before anything is made room for.</summary>
sealed class SyncReader(Stream stream)
{
    public const int MaxChunk = 64 << 10;
    const uint MaxName = 1024, MaxMessage = 4096;
    const uint NoEntry = 2;
    static readonly UTF8Encoding Utf8 = new(false);
    readonly byte[] _bytes = new byte[72];
    uint _left;
    bool _isDone;

    /// <returns>Null where there is nothing of that name.</returns>
    /// <exception cref="AdbException">It is no answer to that.</exception>
    public async Task<PhoneFile?> StatAsync(bool isLong, CancellationToken ct)
    {
        var id = await IdAsync(ct);
        if (id != (isLong ? "LST2" : "STAT"))
            throw await OtherAsync(id, ct);
        return isLong ? await LongAsync(ct) : await ShortAsync(ct);
    }

    /// <returns>Null at the end of the folder.</returns>
    /// <exception cref="AdbException">It is no answer to that.</exception>
    public async Task<PhoneFile?> EntryAsync(bool isLong, CancellationToken ct)
    {
        var id = await IdAsync(ct);
        if (id == "DONE")
            return null; // what follows it is empty, and nothing follows that
        if (id != (isLong ? "DNT2" : "DENT"))
            throw await OtherAsync(id, ct);
        // an entry that can't be looked at comes without anything but its name
        var entry = (isLong ? await LongAsync(ct) : await ShortAsync(ct)) ?? new("", 0, 0, default);
        return entry with { Name = await TextAsync(await NumberAsync(ct), MaxName, ct) };
    }

    /// <summary>Some more of a file.</summary>
    /// <returns>0 at its end.</returns>
    /// <exception cref="AdbException">The phone can't read it, or it is no answer to that.</exception>
    public async ValueTask<int> DataAsync(Memory<byte> target, CancellationToken ct)
    {
        while (_left == 0 && !_isDone)
        {
            var id = await IdAsync(ct);
            if (id is not ("DATA" or "DONE"))
                throw await OtherAsync(id, ct);
            _left = await NumberAsync(ct);
            _isDone = id == "DONE";
            if (_left > MaxChunk && !_isDone)
                throw AdbException.Protocol("a piece of a file is too long");
        }
        if (_isDone)
            return 0;
        var n = await stream.ReadAsync(target[..(int)Math.Min((uint)target.Length, _left)], ct);
        _left -= (uint)n;
        return n > 0 ? n : throw Early();
    }

    /// <summary>After what was sent.</summary>
    /// <exception cref="AdbException">The phone did not keep it.</exception>
    public async Task OkayAsync(CancellationToken ct)
    {
        var id = await IdAsync(ct);
        if (id != "OKAY")
            throw await OtherAsync(id, ct);
        await NumberAsync(ct);
    }

    async Task<AdbException> OtherAsync(string id, CancellationToken ct) =>
        id != "FAIL" ? AdbException.Protocol("a wrong answer of its sync service")
            : new(AdbFault.Refused, $"The phone says: {await TextAsync(await NumberAsync(ct), MaxMessage, ct)}");

    async Task<PhoneFile?> ShortAsync(CancellationToken ct)
    {
        await FillAsync(12, ct);
        return Word(0) == 0 && Word(4) == 0 && Word(8) == 0 ? null
            : new("", Word(0), Word(4), DateTimeOffset.FromUnixTimeSeconds(Word(8)));
    }

    /// <summary>Error, device, inode, mode, links, owner, group, size, then three times.</summary>
    async Task<PhoneFile?> LongAsync(CancellationToken ct)
    {
        await FillAsync(68, ct);
        if (Word(0) == NoEntry)
            return null;
        if (Word(0) != 0)
            throw new AdbException(AdbFault.Refused, $"The phone can't look at it: error {Word(0)}.");
        var size = BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(36));
        var time = BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(52));
        if (size < 0 || time is < 0 or > 253_402_300_799)
            throw AdbException.Protocol("a file of a wrong size or time");
        return new("", Word(20), size, DateTimeOffset.FromUnixTimeSeconds(time));
    }

    uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));

    async Task<string> IdAsync(CancellationToken ct)
    {
        await FillAsync(4, ct);
        return Encoding.Latin1.GetString(_bytes, 0, 4);
    }

    async Task<uint> NumberAsync(CancellationToken ct)
    {
        await FillAsync(4, ct);
        return Word(0);
    }

    async Task<string> TextAsync(uint length, uint max, CancellationToken ct)
    {
        if (length > max)
            throw AdbException.Protocol("a name or message is too long");
        var bytes = new byte[length];
        if (await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct) < bytes.Length)
            throw Early();
        return Utf8.GetString(bytes);
    }

    async Task FillAsync(int count, CancellationToken ct)
    {
        if (await stream.ReadAtLeastAsync(_bytes.AsMemory(0, count), count, throwOnEndOfStream: false, ct) < count)
            throw Early();
    }

    static AdbException Early() => new(AdbFault.Broken, "The phone broke its answer off.");
}
