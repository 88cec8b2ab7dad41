using System.Diagnostics;
using Npgsql;

namespace CloudPhone.Testing;

/// <summary>
/// A private PostgreSQL server in a temporary folder, from the programs of Debian's package. It ends with the test run,
/// also where that is killed: a shell beside it waits for the end of its own input, then stops it and removes the
/// folder.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    const string Programs = "/usr/lib/postgresql";
    const string User = "cloudphone", Password = "only in tests";

    const string Script = """
        "$1/postgres" -D "$2/data" -k "$2" -p "$3" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400 \
            $4 >>"$2/log" 2>&1 &
        server=$!
        read -r word
        kill -INT $server
        wait $server
        [ "$word" = keep ] || rm -rf "$2"
        """;

    readonly string _programs, _settings;
    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-postgres-").FullName;
    readonly int _port = FreePort.Next();
    Process? _shell;

    PostgresServer(string programs, string settings) => (_programs, _settings) = (programs, settings);

    /// <summary>Why there can be none on this machine; null where there can.</summary>
    /// <exception cref="InvalidOperationException">CLOUDPHONE_REQUIRE_INFRA=1 asks for it.</exception>
    public static string? Missing => Installed.Require(
        FindPrograms() is null ? "needs the programs of PostgreSQL: apt-get install postgresql" : null);

    /// <param name="settings">Like <c>fsync=on</c>: tests do without what only a failure of power needs.</param>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var server = new PostgresServer(
            FindPrograms() ?? throw new InvalidOperationException(Missing),
            string.Join(' ', settings.Select(s => $"-c {s}")));
        await server.InitializeAsync();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>What DATABASE_URL is set to for this database.</summary>
    public string Url(string database) =>
        $"postgres://{User}:{Uri.EscapeDataString(Password)}@127.0.0.1:{_port}/{database}";

    /// <summary>What Npgsql takes for this database.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1", Port = _port, Database = database, Username = User, Password = Password,
    }.ToString();

    /// <summary>An empty database.</summary>
    /// <returns>Its <see cref="Url"/>.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = await ConnectAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return Url(name);
    }

    /// <summary>Stops it as a restart does: what is open is broken off. The data stays.</summary>
    public Task StopAsync() => EndAsync("keep");

    /// <summary>Starts it on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        _shell = Start("sh", ["-c", Script, "sh", _programs, _folder, $"{_port}", _settings]);
        await Wait.UntilAsync("PostgreSQL", async () =>
        {
            if (_shell.HasExited)
                throw new InvalidOperationException(
                    $"PostgreSQL ended: {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
            try
            {
                await using var connection = await ConnectAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, 60);
    }

    public async ValueTask DisposeAsync() => await EndAsync("remove");

    async Task EndAsync(string word)
    {
        if (_shell is null)
            return;
        await _shell.StandardInput.WriteLineAsync(word);
        await _shell.StandardInput.FlushAsync();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _shell = null;
    }

    async Task InitializeAsync()
    {
        var password = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(password, Password);
        if (Environment.IsPrivilegedProcess)
            await RunAsync(Process.Start("chown", ["-R", Unprivileged, _folder]));
        await RunAsync(Start(Path.Combine(_programs, "initdb"),
        [
            "-D", Path.Combine(_folder, "data"), "-U", User, "--pwfile", password, "-A", "scram-sha-256", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ]));
    }

    static async Task RunAsync(Process process)
    {
        using (process)
        {
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{process.StartInfo.FileName} ended with {process.ExitCode}.");
        }
    }

    /// <summary>PostgreSQL refuses to run as root: who is root becomes somebody else for it.</summary>
    static Process Start(string program, string[] arguments)
    {
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", Unprivileged, "--", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.WorkingDirectory) = (true, true, "/");
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    static string Unprivileged =>
        File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal))
            ? "postgres" : "nobody";

    static string? FindPrograms() => Directory.Exists(Programs)
        ? Directory.EnumerateDirectories(Programs).Select(d => Path.Combine(d, "bin"))
            .Where(d => File.Exists(Path.Combine(d, "initdb")))
            .OrderByDescending(d => d, StringComparer.Ordinal).FirstOrDefault()
        : null;

    async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection($"{ConnectionString("postgres")};Pooling=false");
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
