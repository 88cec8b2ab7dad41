using System.Globalization;
using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Adb.Sync;

/// <summary>Takes one file: "path,mode", its data in chunks, then its time.</summary>
sealed class SyncReceiver(PhoneDisk disk, SyncWire wire)
{
    const uint TypeMask = 0xf000, Folder = 0x4000, Regular = 0x8000;

    /// <returns>False where it was refused: the client will not go on.</returns>
    public async Task<bool> ReceiveAsync(string target, CancellationToken ct)
    {
        NewFile? file = null;
        string? refusal = null;
        try
        {
            file = Begin(target);
        }
        catch (DiskException e)
        {
            refusal = e.Message;
        }
        await using (file)
        {
            var chunk = new byte[SyncWire.MaxChunk];
            while (await wire.ReadAsync(ct) is var (id, length))
            {
                if (id == "DONE")
                    return await FinishAsync(file, length, refusal, ct);
                if (id != "DATA" || length > chunk.Length)
                    break;
                await wire.ReadBytesAsync(chunk.AsMemory(0, (int)length), ct);
                // what was refused is still taken to its end, so that the client comes to read why
                refusal ??= await WriteAsync(file, chunk.AsMemory(0, (int)length), ct);
            }
            throw new InvalidDataException();
        }
    }

    /// <returns>Null for a folder, which is made at once.</returns>
    NewFile? Begin(string target)
    {
        var comma = target.LastIndexOf(',');
        if (comma < 0 || !uint.TryParse(target.AsSpan(comma + 1), CultureInfo.InvariantCulture, out var mode))
            throw DiskException.Invalid;
        var path = DevicePath.Resolve(target[..comma]);
        switch (mode & TypeMask)
        {
            case Folder:
                disk.MakeFolder(path, parents: true);
                return null;
            case Regular or 0:
                return disk.Create(path);
            default: // a link could lead anywhere
                throw DiskException.Denied;
        }
    }

    static async Task<string?> WriteAsync(NewFile? file, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            if (file is not null)
                await file.WriteAsync(bytes, ct);
            return null;
        }
        catch (IOException e)
        {
            return DiskException.From(e).Message;
        }
    }

    async Task<bool> FinishAsync(NewFile? file, uint time, string? refusal, CancellationToken ct)
    {
        try
        {
            if (refusal is null && file is not null)
                await file.KeepAsync(DateTimeOffset.FromUnixTimeSeconds(time));
        }
        catch (IOException e)
        {
            refusal = DiskException.From(e).Message;
        }
        if (refusal is null)
            await wire.SendAsync("OKAY", 0, ct);
        else
            await wire.FailAsync(refusal, ct);
        return refusal is null;
    }
}
