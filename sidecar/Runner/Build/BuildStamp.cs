using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Sidecar.Runner.Build;

/// <summary>
/// What the sources and outputs looked like when the last build ended well, kept under <c>.cloudphone/</c> beside the
/// solution: MSBuild needs many seconds to find out that there is nothing to do. Held open, it also keeps two runners
/// from
/// building at once.
/// </summary>
sealed class BuildStamp : IDisposable
{
    static readonly HashSet<string> Skipped =
        ["bin", "obj", "tests", "node_modules", "components", "dapr-config", "k8s", "docs"];
    readonly FileStream _file;
    readonly string _solutionFolder, _what;
    readonly IReadOnlyList<string> _outputs;

    BuildStamp(FileStream file, string folder, string solutionFolder, string what, IReadOnlyList<string> outputs)
    {
        (_file, Folder, _solutionFolder, _what, _outputs) = (file, folder, solutionFolder, what, outputs);
        using var reader = new StreamReader(file, leaveOpen: true);
        IsUpToDate = reader.ReadToEnd() == Fingerprint();
    }

    public string Folder { get; }

    public bool IsUpToDate { get; }

    /// <param name="what">What is built, beside the sources.</param>
    public static async Task<BuildStamp> OpenAsync(
        string solutionFolder, string what, IReadOnlyList<string> outputs, CancellationToken ct)
    {
        var folder = Path.Combine(solutionFolder, ".cloudphone", "build");
        Directory.CreateDirectory(folder);
        while (true)
            try
            {
                var file = new FileStream(Path.Combine(folder, "stamp"), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                    FileShare.None);
                return new(file, folder, solutionFolder, what, outputs);
            }
            catch (IOException) when (Directory.Exists(folder) && !ct.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
            }
    }

    public void Write()
    {
        _file.SetLength(0);
        _file.Write(Encoding.UTF8.GetBytes(Fingerprint()));
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Every source by path, size and time, and the outputs that must be there.</summary>
    string Fingerprint()
    {
        var sources = new FileSystemEnumerable<string>(
            _solutionFolder, (ref FileSystemEntry e) => $"{e.ToFullPath()} {e.Length} {e.LastWriteTimeUtc.Ticks}",
            new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        {
            ShouldIncludePredicate = (ref FileSystemEntry e) => !e.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry e) =>
                e.FileName[0] != '.' && !Skipped.Contains(e.FileName.ToString())
                    && e.Attributes.HasFlag(FileAttributes.Directory),
        };
        var all = sources.Order(StringComparer.Ordinal)
            .Concat(_outputs.Select(o => $"{o} {(File.Exists(o) ? File.GetLastWriteTimeUtc(o).Ticks : 0)}"))
                .Append(_what);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', all))));
    }
}
