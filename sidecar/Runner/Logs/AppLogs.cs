using System.Globalization;
using System.Text.RegularExpressions;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Logs;

/// <summary>
/// Where the lines of one app and of its sidecar go: <c>{appDirPath}/.dapr/logs</c>, the console, or both, as the
/// template says.
/// </summary>
sealed partial class AppLogs : IDisposable
{
    const int KeptFiles = 10;
    readonly Lock _lock = new();
    readonly StreamWriter? _app, _sidecar;
    readonly Action<string>? _appConsole, _sidecarConsole;
    string _lastLine = "";

    public AppLogs(AppSpec app, Action<string> console, DateTimeOffset now)
    {
        var appTo = app.Settings.AppLog ?? LogDestination.FileAndConsole;
        var sidecarTo = app.Settings.SidecarLog ?? LogDestination.File;
        Folder = Path.Combine(app.Folder, ".dapr", "logs");
        _app = appTo == LogDestination.Console || app.Command.Count == 0 ? null : Open(app.AppId, "app", now);
        _sidecar = sidecarTo == LogDestination.Console ? null : Open(app.AppId, "daprd", now);
        _appConsole = appTo == LogDestination.File ? null : console;
        _sidecarConsole = sidecarTo == LogDestination.File ? null : console;
    }

    public string Folder { get; }

    /// <summary>What the app said last, for the sentence that tells why it ended.</summary>
    public string LastLine
    {
        get
        {
            lock (_lock)
                return _lastLine;
        }
    }

    public void App(string line)
    {
        lock (_lock)
        {
            if (line.Trim().Length > 0)
                _lastLine = line.Trim();
            _app?.WriteLine(Colours().Replace(line, ""));
        }
        _appConsole?.Invoke(line);
    }

    public void Sidecar(string line)
    {
        lock (_lock)
            _sidecar?.WriteLine(line);
        _sidecarConsole?.Invoke(line);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _app?.Dispose();
            _sidecar?.Dispose();
        }
    }

    /// <summary>A new file of the name that the Dapr CLI would give it; of the old ones only the latest stay.</summary>
    StreamWriter Open(string appId, string kind, DateTimeOffset now)
    {
        Directory.CreateDirectory(Folder);
        foreach (var old in Directory.GetFiles(Folder, $"{appId}_{kind}_*.log").OrderDescending().Skip(KeptFiles - 1))
            File.Delete(old);
        var name = string.Create(CultureInfo.InvariantCulture,
            $"{appId}_{kind}_{now.LocalDateTime:yyyyMMddHHmmss}.log");
        var file = new FileStream(Path.Combine(Folder, name), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        return new(file) { AutoFlush = true };
    }

    [GeneratedRegex(@"\e\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colours();
}
