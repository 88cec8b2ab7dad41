using System.Security.Cryptography;

namespace CloudPhone.Apps.Storage;

/// <summary>
/// A file as it comes in: on disk, never whole in memory, hashed on the way; gone when disposed.
/// </summary>
sealed class IncomingFile : IAsyncDisposable
{
    const int BufferSize = 81920;

    IncomingFile(string path) => TemporaryPath = path;

    public string TemporaryPath { get; }
    /// <summary>In lower-case hex.</summary>
    public string Sha256 { get; private set; } = "";
    /// <summary>Bytes.</summary>
    public long Size { get; private set; }

    /// <exception cref="BadHttpRequestException">413: longer than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="StoreException">It can't be written: the disk is full, perhaps.</exception>
    public static async Task<IncomingFile> ReceiveAsync(
        Stream source, Spool spool, long maxBytes, CancellationToken ct)
    {
        var incoming = new IncomingFile(spool.NewFile());
        try
        {
            await incoming.FillAsync(source, maxBytes, ct);
            return incoming;
        }
        catch
        {
            await incoming.DisposeAsync();
            throw;
        }
    }

    async Task FillAsync(Stream source, long maxBytes, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = Create();
        var buffer = new byte[BufferSize];
        for (int n; (n = await source.ReadAsync(buffer, ct)) > 0;)
        {
            Size += n;
            if (Size > maxBytes)
                throw new BadHttpRequestException($"The file is larger than {maxBytes} bytes.",
                    StatusCodes.Status413PayloadTooLarge);
            hash.AppendData(buffer, 0, n);
            try
            {
                await target.WriteAsync(buffer.AsMemory(0, n), ct);
            }
            catch (IOException e)
            {
                throw NotWritten(e);
            }
        }
        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Without a buffer of its own: whatever goes wrong does so while it is written, not when it is closed.
    /// </summary>
    FileStream Create()
    {
        try
        {
            return new(
                TemporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(e);
        }
    }

    /// <summary>Our disk's failure, which nobody must take for the client's.</summary>
    static StoreException NotWritten(Exception e) => new($"The spool can't be written: {e.Message}", e);

    public ValueTask DisposeAsync()
    {
        if (File.Exists(TemporaryPath))
            File.Delete(TemporaryPath);
        return ValueTask.CompletedTask;
    }
}
