using System.Diagnostics;

namespace CloudPhone.Testing.Servers;

/// <summary>
/// A private Docker engine with the simulated phone's image, in a temporary folder. Its containers and itself end with
/// the test run, also where that is killed: a shell beside it waits for the end of its own input.
/// </summary>
public sealed class DockerServer : IAsyncDisposable
{
    public const string Image = "cloudphone/phone-simulator:test";

    const string Script = """
        "$1" --host "unix://$2/docker.sock" --data-root "$2/data" --exec-root "$2/exec" --pidfile "$2/pid" \
            --bridge none --iptables=false --default-address-pool "base=$3,size=24" >>"$2/log" 2>&1 &
        server=$!
        echo $server
        read -r word
        if [ "$word" != kill ]; then
            DOCKER_HOST="unix://$2/docker.sock" sh -c 'docker ps -q | xargs -r docker kill; docker network prune -f' \
                >/dev/null 2>&1
            kill -TERM $server
        else
            kill -KILL $server
        fi
        wait $server 2>/dev/null
        if [ "$word" != kill ]; then
            # an engine that was killed once has left some
            cut -d ' ' -f 2 /proc/mounts | grep "^$2/" | sort -r | xargs -r umount -l
            rm -rf "$2"
        fi
        """;

    static int _servers;
    static readonly SemaphoreSlim Building = new(1);
    static string? _image;

    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-docker-").FullName;
    /// <summary>Engines of one machine know nothing of each other's networks.</summary>
    readonly string _addresses =
        $"10.{100 + ((Environment.ProcessId + Interlocked.Increment(ref _servers)) % 100)}.0.0/16";
    Process? _shell;

    DockerServer()
    {
    }

    /// <summary>Why there can be none on this machine; null where there can.</summary>
    /// <exception cref="InvalidOperationException">CLOUDPHONE_REQUIRE_INFRA=1 asks for it.</exception>
    public static string? Missing =>
        Installed.Missing("dockerd", "docker.io") ?? Installed.Missing("docker", "docker.io")
        ?? Installed.Require(Environment.UserName != "root" ? "needs to be root, to start dockerd" : null);

    /// <summary>As DOCKER_HOST has it.</summary>
    public string Address => $"unix://{_folder}/docker.sock";

    public static async Task<DockerServer> StartAsync()
    {
        var server = new DockerServer();
        await server.StartAgainAsync();
        var image = await ImageAsync(server);
        await server.RunAsync("load", "-i", image);
        return server;
    }

    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", Installed.Find("dockerd")!, _folder, _addresses])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/",
        };
        _shell = Process.Start(start)!;
        _ = await _shell.StandardOutput.ReadLineAsync();
        await Wait.UntilAsync("Docker", async () => !_shell.HasExited
            ? (await TryAsync(Address, "version")).Code == 0
            : throw new InvalidOperationException($"dockerd ended: {await LogAsync()}"), 60);
    }

    /// <summary>The engine and all containers of it are gone at once, as with their machine.</summary>
    public async Task LoseAsync()
    {
        var containers = (await RunAsync("ps", "-q", "--no-trunc")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var pids = new List<string>();
        foreach (var id in containers)
            pids.Add(await RunAsync("inspect", "-f", "{{.State.Pid}}", id));
        await EndAsync("kill");
        // the shell is hit itself by the second
        using var kill = Process.Start("sh", ["-c", $"kill -KILL {string.Join(' ', pids)}; pkill -KILL -f {_folder}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>By Docker's own client.</summary>
    /// <returns>What it says.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output) = await TryAsync(Address, arguments);
        return code == 0 ? output
            : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {output}");
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync("remove");
    }

    /// <summary>Built once for all engines of this run.</summary>
    static async Task<string> ImageAsync(DockerServer server)
    {
        await Building.WaitAsync();
        try
        {
            if (_image is not null)
                return _image;
            var script = Path.Combine(Repository.Root, "services", "PhoneSimulator", "image", "build.sh");
            var (code, output) = await TryAsync(server.Address, script, Image);
            if (code != 0)
                throw new InvalidOperationException($"{script}: {output}");
            var file = Path.Combine(Path.GetTempPath(), $"cloudphone-image-{Environment.ProcessId}.tar");
            await server.RunAsync("save", "-o", file, Image);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(file);
            return _image = file;
        }
        finally
        {
            Building.Release();
        }
    }

    static async Task<(int Code, string Output)> TryAsync(string address, params string[] arguments)
    {
        var program = arguments[0].StartsWith('/') ? arguments[0] : "docker";
        var start = new ProcessStartInfo(program, program == "docker" ? arguments : arguments[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["DOCKER_HOST"] = address;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? (await output).Trim() : $"{await output}{errors}");
    }

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

    Task<string> LogAsync() => File.ReadAllTextAsync(Path.Combine(_folder, "log"));
}
