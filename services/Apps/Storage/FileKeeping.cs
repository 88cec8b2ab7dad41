using System.Buffers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Win32.SafeHandles;

namespace CloudPhone.Apps.Storage;

/// <summary>Brings a received file into the store, and keeps it with what is installed from it.</summary>
sealed partial class FileKeeping(AppDb db, AppStore store, TimeProvider clock, ILogger<FileKeeping> log)
{
    /// <summary>Of one file at a time: a bucket takes long to say yes, not to receive.</summary>
    public const int PartsAtOnce = 4;

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
        try
        {
            using var source = File.OpenHandle(path, options: FileOptions.Asynchronous);
            await Parallel.ForEachAsync(Enumerable.Range(0, file.Parts),
                new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = ct },
                async (part, _) => await PutAsync(file, source, part, ct));
            return file;
        }
        catch
        {
            await CondemnAsync(file);
            throw;
        }
    }

    public Task<StoredFile> StoreAsync(IncomingFile incoming, CancellationToken ct) =>
        StoreAsync(incoming.TemporaryPath, incoming.Sha256, incoming.Size, ct);

    /// <summary>Not broken off when another part fails: what is put after its file was condemned could stay for ever.
    /// </summary>
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

    /// <summary>Makes it count, in one transaction with what is installed from it. Otherwise it goes.</summary>
    /// <param name="add">Adds that to the context; false: it is not wanted any more.</param>
    /// <returns>What <paramref name="add"/> says.</returns>
    /// <exception cref="StoreException">It took so long that the file was swept.</exception>
    public async Task<bool> KeepAsync(StoredFile file, Func<Task<bool>> add, CancellationToken ct)
    {
        var isKept = false;
        try
        {
            return isKept = await db.InTransactionAsync(async () =>
            {
                if (!await add())
                    return false;
                if (await db.Files.Where(f => f.Id == file.Id && f.Status == FileStatus.Storing)
                    .ExecuteUpdateAsync(s => s.SetProperty(f => f.Status, FileStatus.Kept), ct) != 1)
                    throw new StoreException("The upload took too long.");
                await db.SaveChangesAsync(ct);
                return true;
            }, ct);
        }
        finally
        {
            if (!isKept)
                await CondemnAsync(file);
        }
    }

    /// <summary>Lets the next sweep remove it, unless the failure was that of a commit which succeeded.</summary>
    async Task CondemnAsync(StoredFile file)
    {
        try
        {
            await db.Files.Where(f => f.Id == file.Id && f.Status == FileStatus.Storing)
                .ExecuteUpdateAsync(s => s.SetProperty(f => f.Status, FileStatus.Removing));
        }
        catch (Exception e)
        {
            NotCondemned(log, e.Message); // the sweep finds it when it is old; why it failed matters more
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A file that was not kept is removed later than it could be: {Reason}")]
    static partial void NotCondemned(ILogger log, string reason);
}
