using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Data;

/// <summary>
/// The folder that keeps everything of an embedded platform, locked for this runner. A template asks for one by an
/// environment entry CLOUDPHONE_DATA, relative to the app's folder; the runner's own CLOUDPHONE_DATA or <c>--data</c>
/// moves it.
/// </summary>
sealed class DataFolder : IDisposable
{
    public const string Variable = "CLOUDPHONE_DATA";
    /// <summary>Where the component appstore keeps the files of apps; what the runner's own environment says goes
    /// before.</summary>
    const string AppFiles = "APP_FILES";
    readonly FileStream _lock;

    DataFolder(string path, FileStream @lock, Dictionary<string, string> secrets)
    {
        (Path, _lock) = (path, @lock);
        var environment = new Dictionary<string, string>(secrets)
        {
            [Variable] = path,
            ["CLOUDPHONE_PUBSUB_FILE"] = System.IO.Path.Combine(path, "pubsub.db"),
            ["CLOUDPHONE_STATE_FILE"] = System.IO.Path.Combine(path, "state.db"),
        };
        if (System.Environment.GetEnvironmentVariable(AppFiles) is null or "")
            environment[AppFiles] = System.IO.Path.Combine(path, "apps");
        Environment = environment;
    }

    public string Path { get; }

    /// <summary>What apps and sidecars are told beside the runner's own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Null: neither the template nor the user asks for one.</summary>
    /// <exception cref="ConfigurationException">Another runner has it, or it can't be written.</exception>
    public static DataFolder? Open(RunTemplate template, string? chosen)
    {
        if (Place(template, chosen) is not { } path)
            return null;
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The data folder {path} can't be made: {e.Message}");
        }
        var @lock = Lock(path);
        try
        {
            return new(path, @lock, GeneratedSecrets.Load(path));
        }
        catch
        {
            @lock.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    static string? Place(RunTemplate template, string? chosen)
    {
        if (chosen is { Length: > 0 }
            || (chosen = System.Environment.GetEnvironmentVariable(Variable)) is { Length: > 0 })
            return System.IO.Path.GetFullPath(chosen);
        var named = template.Apps
            .Where(a => a.Settings.Environment.GetValueOrDefault(Variable) is { Length: > 0 })
            .Select(a => System.IO.Path.GetFullPath(a.Settings.Environment[Variable], a.Folder)).Distinct().ToList();
        return named.Count <= 1 ? named.FirstOrDefault() : throw new ConfigurationException(
            $"{template.File}: the apps name different data folders ({string.Join(", ", named)}); "
            + $"{Variable} must be one folder.");
    }

    static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, "lock");
        try
        {
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ConfigurationException($"The data folder {path} can't be written: {e.Message}");
        }
        catch (IOException)
        {
            throw new ConfigurationException(
                $"Another runner uses the data folder {path}; stop it, or choose another folder with --data.");
        }
    }
}
