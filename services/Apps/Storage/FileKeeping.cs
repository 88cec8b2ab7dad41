using System.Buffers;
using CloudPhone.Apps.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Win32.SafeHandles;

namespace CloudPhone.Apps.Storage;

/// <summary>Brings a received file into the store, and keeps it with what is installed from it.</summary>
sealed class FileKeeping(AppDb db, AppStore store, TimeProvider clock)
{
    /// <summary>Of one file at a time: a bucket takes long to say yes, not to receive.</summary>
    const int PartsAtOnce = 4;

    /// <summary>
    /// Puts it part by part. It is nobody's until <see cref="KeepAsync"/>; what is left of a process that dies before
    /// is swept.
    /// </summary>
    /// <param name="path">Where the file is whole now.</param>
    /// <param name="sha256">Of it, in lower-case hex.</param>
    /// <param name="size">Bytes.</param>
    /// <exception cref="StoreException">The store is away, and nothing that counts has happened.</exception>
    public async Task<StoredFile> StoreAsync(string path, string sha256, long size, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var file = new StoredFile
        {
            Id = Guid.CreateVersion7(now), Sha256 = sha256, Size = size, CreatedAt = now,
        };
        db.Add(file);
        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
        using var source = File.OpenHandle(path, options: FileOptions.Asynchronous);
        await Parallel.ForEachAsync(Enumerable.Range(0, file.Parts),
            new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = ct },
            async (part, token) => await PutAsync(file, source, part, token));
        return file;
    }

    async Task PutAsync(StoredFile file, SafeFileHandle source, int part, CancellationToken ct)
    {
        var size = file.PartSize(part);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            for (int done = 0, n; done < size; done += n)
            {
                n = await RandomAccess.ReadAsync(source, buffer.AsMemory(done, size - done),
                    ((long)part * StoredFile.PartBytes) + done, ct);
                if (n == 0)
                    throw new StoreException("The received file has become shorter.");
            }
            await store.PutAsync(file.PartName(part), buffer.AsMemory(0, size), ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public Task<StoredFile> StoreAsync(IncomingFile incoming, CancellationToken ct) =>
        StoreAsync(incoming.TemporaryPath, incoming.Sha256, incoming.Size, ct);

    /// <summary>Called in the transaction that adds what is installed from it.</summary>
    /// <exception cref="StoreException">It took so long that the file was swept.</exception>
    public async Task KeepAsync(StoredFile file, CancellationToken ct)
    {
        if (await db.Files.Where(f => f.Id == file.Id && f.Status == FileStatus.Storing)
            .ExecuteUpdateAsync(s => s.SetProperty(f => f.Status, FileStatus.Kept), ct) != 1)
            throw new StoreException("The upload took too long.");
    }
}
