namespace CloudPhone.PhoneSimulator.Disk;

/// <summary>A file that is being written. It appears, whole, when it is kept; otherwise nothing has happened.</summary>
sealed class NewFile : IAsyncDisposable
{
    readonly PhoneDisk _disk;
    readonly FileStream _file;
    readonly string _path;
    long _taken;

    public NewFile(PhoneDisk disk, string temporary, string path)
    {
        (_disk, _path) = (disk, path);
        Take(DiskSpace.Block);
        _file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <exception cref="DiskException">There is no space left.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        Take(bytes.Length);
        await _file.WriteAsync(bytes, ct);
    }

    /// <summary>All is written; it is still thrown away in the end unless it is kept.</summary>
    /// <returns>Where it lies on the host.</returns>
    public async Task<string> CompleteAsync()
    {
        await _file.DisposeAsync();
        return _file.Name;
    }

    /// <param name="modifiedAt">Null: now.</param>
    public async Task KeepAsync(DateTimeOffset? modifiedAt = null)
    {
        if (modifiedAt is { } at)
            File.SetLastWriteTimeUtc(_file.SafeFileHandle, at.UtcDateTime);
        await _file.DisposeAsync();
        _disk.Replace(_file.Name, _path);
        _taken = 0;
    }

    void Take(long bytes)
    {
        _disk.Space.Take(bytes);
        _taken += bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        if (_taken == 0)
            return;
        File.Delete(_file.Name);
        _disk.Space.Give(_taken);
        _taken = 0;
    }
}
