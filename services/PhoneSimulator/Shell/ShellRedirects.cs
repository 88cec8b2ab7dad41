using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>The files that one command writes to instead of its shell.</summary>
sealed class ShellRedirects : IAsyncDisposable
{
    readonly List<(NewFile? File, Stream Stream)> _open = [];

    /// <exception cref="DiskException">A file can't be opened.</exception>
    public ShellContext Apply(ShellContext shell, List<(string Operator, string File)> redirects)
    {
        foreach (var (op, word) in redirects)
        {
            var path = word.Length == 0 ? "" : shell.Resolve(ShellExpansion.Expand(word, shell.State));
            shell = op switch
            {
                "2>&1" => shell with { Error = shell.Out },
                ">&2" or "1>&2" => shell with { Out = shell.Error },
                "<" => shell with { In = Read(shell, path) },
                "2>" or "2>>" => shell with { Error = Write(shell, path, op == "2>>") },
                _ => shell with { Out = Write(shell, path, op is ">>" or "1>>") },
            };
        }
        return shell;
    }

    public async Task KeepAsync()
    {
        foreach (var (file, _) in _open)
        {
            if (file is not null)
                await file.KeepAsync();
        }
    }

    Stream Read(ShellContext shell, string path)
    {
        if (path == "/dev/null")
            return Stream.Null;
        var stream = shell.Disk.Read(path);
        _open.Add((null, stream));
        return stream;
    }

    Stream Write(ShellContext shell, string path, bool append)
    {
        if (path == "/dev/null")
            return Stream.Null;
        var file = shell.Disk.Create(path);
        var stream = new NewFileStream(
            file, append && shell.Disk.Find(path) is not null ? shell.Disk.Read(path) : null);
        _open.Add((file, stream));
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (file, stream) in _open)
        {
            await stream.DisposeAsync();
            if (file is not null)
                await file.DisposeAsync();
        }
    }

    /// <param name="before">What the file begins with.</param>
    sealed class NewFileStream(NewFile file, Stream? before) : AsyncStream
    {
        Stream? _before = before;

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_before is { } start)
            {
                _before = null;
                await using (start)
                    await start.CopyToAsync(this, cancellationToken);
            }
            await file.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _before?.Dispose();
            base.Dispose(disposing);
        }
    }
}
