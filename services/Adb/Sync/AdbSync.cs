using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.Adb.Sync;

/// <summary>Files of a phone by its sync service. Paths are the phone's; nothing is held as a whole in
/// memory.</summary>
sealed class AdbSync : IAsyncDisposable
{
    const int MaxPath = 1024;
    /// <summary>A regular file that all may read.</summary>
    const int Mode = 0x81a4;
    readonly AdbStream _stream;
    readonly SyncReader _reader;
    readonly bool _canStat, _canList;

    AdbSync(AdbStream stream, bool canStat, bool canList) =>
        (_stream, _reader, _canStat, _canList) = (stream, new(stream), canStat, canList);

    /// <exception cref="AdbException">The phone can't be reached. So for all others.</exception>
    public static async Task<AdbSync> OpenAsync(AdbPhone phone, CancellationToken ct) =>
        Of(await phone.OpenAsync("sync:", ct));

    public static async Task<AdbSync> OpenAsync(AdbConnection connection, CancellationToken ct) =>
        Of(await connection.OpenAsync("sync:", ct) ?? throw AdbException.Gone());

    static AdbSync Of(AdbStream stream) => new(stream, stream.Can("stat_v2"), stream.Can("ls_v2"));

    /// <returns>Null where there is nothing.</returns>
    public async Task<PhoneFile?> StatAsync(string path, CancellationToken ct)
    {
        await AskAsync(_canStat ? "LST2" : "STAT", path, ct);
        return await _reader.StatAsync(_canStat, ct) is { } found ? found with { Name = NameOf(path) } : null;
    }

    /// <summary>In the order of the phone; what can't be read has nothing in it.</summary>
    public async IAsyncEnumerable<PhoneFile> ListAsync(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await AskAsync(_canList ? "LIS2" : "LIST", path, ct);
        while (await _reader.EntryAsync(_canList, ct) is { } entry)
            if (entry.Name is not ("." or ".."))
                yield return entry;
    }

    /// <summary>A file's bytes, some at a time; 0 at the end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken ct) => _reader.DataAsync(target, ct);

    public Task BeginReadAsync(string path, CancellationToken ct) => AskAsync("RECV", path, ct);

    /// <summary>Writes a file; it is whole when this returns. What is there of it when it fails is the phone's own
    /// business: write to another name first.</summary>
    /// <exception cref="AdbException">The phone did not keep it.</exception>
    /// <exception cref="EndOfStreamException">The source ended before its length; so for its own.</exception>
    public async Task WriteAsync(
        string path, Stream source, long length, DateTimeOffset modifiedAt, CancellationToken ct)
    {
        try
        {
            await AskAsync("SEND", $"{path},{Mode}", ct);
            await CopyAsync(source, length, ct);
            await _stream.WriteAsync(Head("DONE", (uint)modifiedAt.ToUnixTimeSeconds()), ct);
        }
        catch (AdbException e) when (e.Fault == AdbFault.Closed)
        {
            // it has said why
        }
        await _reader.OkayAsync(ct);
    }

    async Task CopyAsync(Stream source, long length, CancellationToken ct)
    {
        // with its head a chunk is one packet
        var chunk = ArrayPool<byte>.Shared.Rent(SyncReader.MaxChunk);
        try
        {
            for (var left = length; left > 0;)
            {
                var n = (int)Math.Min(left, SyncReader.MaxChunk - 8);
                await source.ReadExactlyAsync(chunk.AsMemory(8, n), ct);
                Head("DATA", (uint)n).CopyTo(chunk, 0);
                await _stream.WriteAsync(chunk.AsMemory(0, n + 8), ct);
                left -= n;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    async Task AskAsync(string id, string path, CancellationToken ct)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length > MaxPath)
            throw new AdbException(AdbFault.Refused, $"A path on a phone has at most {MaxPath} bytes.");
        await _stream.WriteAsync((byte[])[.. Head(id, (uint)bytes.Length), .. bytes], ct);
    }

    static byte[] Head(string id, uint number)
    {
        var head = new byte[8];
        Encoding.Latin1.GetBytes(id, head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), number);
        return head;
    }

    static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
