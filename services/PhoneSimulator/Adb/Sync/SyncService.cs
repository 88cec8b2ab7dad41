using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Adb.Sync;

/// <summary>Files in and out of the phone, one request after the other.</summary>
sealed class SyncService(PhoneDisk disk, Stream stream)
{
    readonly SyncWire _wire = new(stream);

    /// <exception cref="InvalidDataException">The peer speaks something else.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        while (await _wire.ReadAsync(ct) is var (id, length))
        {
            if (id == "QUIT")
                return;
            var path = await _wire.ReadPathAsync(length, ct);
            if (id == "SEND")
            {
                if (!await new SyncReceiver(disk, _wire).ReceiveAsync(path, ct))
                    return;
                continue;
            }
            if (!await AnswerAsync(id, path, ct))
            {
                await _wire.FailAsync("unknown command", ct);
                return;
            }
        }
    }

    async Task<bool> AnswerAsync(string id, string path, CancellationToken ct)
    {
        switch (id)
        {
            case "STAT":
                await _wire.SendAsync(SyncEntries.Stat(Find(path, out _)), ct);
                return true;
            case "STA2" or "LST2":
                await _wire.SendAsync(SyncEntries.Stat2(id, Find(path, out var error), error), ct);
                return true;
            case "LIST":
                await ListAsync(path, SyncEntries.Dent, SyncEntries.DentEnd(), ct);
                return true;
            case "LIS2":
                await ListAsync(path, SyncEntries.Dent2, SyncEntries.Dent2End(), ct);
                return true;
            case "RECV":
                await SendFileAsync(path, ct);
                return true;
            default:
                return false;
        }
    }

    DiskEntry? Find(string path, out uint error)
    {
        error = 0;
        try
        {
            return disk.Get(DevicePath.Resolve(path));
        }
        catch (DiskException e)
        {
            error = e.Number;
            return null;
        }
    }

    async Task ListAsync(string path, Func<DiskEntry, byte[]> form, byte[] end, CancellationToken ct)
    {
        IReadOnlyList<DiskEntry> entries = [];
        try
        {
            entries = disk.List(DevicePath.Resolve(path));
        }
        catch (DiskException)
        {
            // as on a phone, what can't be read has nothing in it
        }
        using var answer = new MemoryStream();
        foreach (var entry in entries)
        {
            answer.Write(form(entry));
            if (answer.Length < SyncWire.MaxChunk / 2)
                continue;
            await _wire.SendAsync(answer.ToArray(), ct);
            answer.SetLength(0);
        }
        answer.Write(end);
        await _wire.SendAsync(answer.ToArray(), ct);
    }

    async Task SendFileAsync(string path, CancellationToken ct)
    {
        FileStream file;
        try
        {
            file = disk.Read(DevicePath.Resolve(path));
        }
        catch (DiskException e)
        {
            await _wire.FailAsync($"open failed: {e.Message}", ct);
            return;
        }
        await using (file)
        {
            // with its head a chunk is one packet
            var chunk = new byte[SyncWire.MaxChunk - 8];
            for (int n; (n = await file.ReadAsync(chunk, ct)) > 0;)
            {
                await _wire.SendAsync((byte[])[.. SyncWire.Words("DATA", (uint)n), .. chunk.AsSpan(0, n)], ct);
            }
        }
        await _wire.SendAsync("DONE", 0, ct);
    }
}
