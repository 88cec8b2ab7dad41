using System.Net;
using System.Net.Sockets;
using CloudPhone.Sidecar.Runner.Processes;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Runner;

public class RunTests
{
    const int Sigint = 2;
    const string Sleeper = "echo $$ > pid; echo started; exec sleep 1000";

    [Fact]
    public async Task Starts_everything_and_prints_one_table()
    {
        await using var outside = await RecordingApp.StartAsync();
        using var folder = TemplateFolder.OfScripts(
            ("worker", Sleeper, "env:\n  GREETING: hello"),
            ("outside", "", $"appPort: {outside.Port}\nenableAppHealthCheck: true\nappHealthCheckPath: /health/ready"));
        await using var runner = RunnerProcess.Start(folder);
        await runner.UntilReadyAsync();

        var pid = await folder.NumberAsync("worker", "pid");
        Assert.Contains(runner.Lines, l => l.StartsWith("worker") && l.Contains("healthy") && l.EndsWith($"{pid}"));
        Assert.Contains(runner.Lines, l => l.StartsWith("outside") && l.Contains($"http://127.0.0.1:{outside.Port}"));
        Assert.Contains("worker  | started", runner.Lines);
        Assert.NotEmpty(outside.Requests("/health/ready"));
        runner.Signal(Posix.Sigterm);
        Assert.Equal(0, await runner.ExitAsync());
        Assert.False(Alive.IsAlive(pid));
        Assert.Contains("started",
            File.ReadAllText(Assert.Single(Directory.GetFiles(folder.In("worker", ".dapr", "logs"), "worker_app_*"))));
        Assert.Single(Directory.GetFiles(folder.In("worker", ".dapr", "logs"), "worker_daprd_*"));
    }

    [Fact]
    public async Task Gives_the_app_the_environment_that_dapr_run_gives()
    {
        using var folder = TemplateFolder.OfScripts(("worker", "env > env.new; mv env.new env; exec sleep 1000",
            "daprHTTPPort: 0\nappChannelAddress: localhost\nenv:\n  GREETING: hello\n  NUMBER: 7"));
        await using var runner = RunnerProcess.Start(folder);
        await Wait.UntilAsync("the environment", () => File.Exists(folder.In("worker", "env")));
        var env = File.ReadAllLines(folder.In("worker", "env"));
        foreach (var line in (string[])["APP_ID=worker", "APP_PROTOCOL=http", "APP_CHANNEL_ADDRESS=localhost",
            "GREETING=hello", "NUMBER=7"])
            Assert.Contains(line, env);
        foreach (var name in (string[])["DAPR_HTTP_PORT", "DAPR_GRPC_PORT", "DAPR_METRICS_PORT"])
            Assert.Matches(@"=[1-9]\d+$", Assert.Single(env, l => l.StartsWith(name + "=")));
        Assert.DoesNotContain(env, l => l.StartsWith("APP_PORT="));
    }

    [Fact]
    public async Task Restarts_a_crashed_app_and_says_so()
    {
        using var folder = TemplateFolder.OfScripts(("worker", Sleeper, ""), ("other", Sleeper, ""));
        await using var runner = RunnerProcess.Start(folder);
        await runner.UntilReadyAsync();
        var (first, other) = (await folder.NumberAsync("worker", "pid"), await folder.NumberAsync("other", "pid"));
        File.Delete(folder.In("worker", "pid"));
        Assert.True(Posix.Signal(first, Posix.Sigkill));

        await runner.WaitForLineAsync($"worker (pid {first}) was ended by signal 9");
        Assert.Contains(runner.Lines, l => l.Contains("it starts again in 1 s (restart 1)"));
        var second = await folder.NumberAsync("worker", "pid");
        await runner.WaitForLineAsync($"worker is healthy again (pid {second})");
        File.Delete(folder.In("worker", "pid"));
        Assert.True(Posix.Signal(second, Posix.Sigkill));
        await runner.WaitForLineAsync("it starts again in 2 s (restart 2)");
        var third = await folder.NumberAsync("worker", "pid");
        await runner.WaitForLineAsync($"worker is healthy again (pid {third})");
        Assert.True(Posix.Signal(third, Posix.Sigkill));
        await runner.WaitForLineAsync("it starts again in 2 s (restart 3)");
        Assert.True(Alive.IsAlive(other));
    }

    [Fact]
    public async Task Ctrl_C_leaves_no_orphan()
    {
        using var folder = TemplateFolder.OfScripts(
            ("parent", "echo $$ > pid; sleep 1000 & echo $! > child; wait", ""), ("worker", Sleeper, ""));
        await using var runner = RunnerProcess.Start(folder);
        await runner.UntilReadyAsync();
        int[] pids = [
            await folder.NumberAsync("parent", "pid"), await folder.NumberAsync("parent", "child"),
            await folder.NumberAsync("worker", "pid")];
        runner.Signal(Sigint);
        Assert.Equal(0, await runner.ExitAsync());
        await Alive.UntilDeadAsync(pids);
        Assert.Contains("Everything has stopped.", runner.Lines);
    }

    [Fact]
    public async Task A_second_Ctrl_C_kills_at_once()
    {
        using var folder = TemplateFolder.OfScripts(
            ("deaf", "trap \"\" TERM INT; echo $$ > pid; while true; do sleep 1; done", ""));
        await using var runner = RunnerProcess.Start(folder);
        await runner.UntilReadyAsync();
        var pid = await folder.NumberAsync("deaf", "pid");
        runner.Signal(Sigint);
        await runner.WaitForLineAsync("Stopping");
        runner.Signal(Sigint);
        Assert.Equal(130, await runner.ExitAsync(5));
        await Alive.UntilDeadAsync(pid);
    }

    [Fact]
    public async Task Nothing_outlives_a_killed_runner()
    {
        using var folder = TemplateFolder.OfScripts(
            ("deaf", "trap \"\" TERM; echo $$ > pid; while true; do sleep 1; done", ""), ("worker", Sleeper, ""));
        await using var runner = RunnerProcess.Start(folder);
        await runner.UntilReadyAsync();
        int[] pids = [await folder.NumberAsync("deaf", "pid"), await folder.NumberAsync("worker", "pid")];
        runner.Signal(Posix.Sigkill);
        await runner.ExitAsync();
        await Alive.UntilDeadAsync(pids);
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var folder = TemplateFolder.OfScripts(("worker", Sleeper, $"appPort: {port}"));
        await using var runner = RunnerProcess.Start(folder);
        Assert.Equal(1, await runner.ExitAsync());
        Assert.StartsWith($"Port {port} (appPort of worker) is in use", Assert.Single(runner.Errors));
        Assert.False(File.Exists(folder.In("worker", "pid")));
    }

    [Fact]
    public async Task An_app_that_fails_at_its_start_ends_the_run_with_its_own_words()
    {
        using var folder = TemplateFolder.OfScripts(
            ("broken", "echo JWT_SECRET must be longer. >&2; exit 7", $"appPort: {FreePort.Next()}"),
            ("worker", Sleeper, ""));
        await using var runner = RunnerProcess.Start(folder);
        Assert.Equal(1, await runner.ExitAsync());
        Assert.Equal(
            "broken ended with exit code 7 before it was healthy; its last words: JWT_SECRET must be longer.",
            Assert.Single(runner.Errors));
        await Alive.UntilDeadAsync(await folder.NumberAsync("worker", "pid"));
    }

    [Fact]
    public async Task A_state_store_that_is_not_there_ends_the_run_and_says_what_to_set()
    {
        using var folder = TemplateFolder.OfScripts(("worker", Sleeper, ""), ("other", Sleeper, ""));
        var address = $"127.0.0.1:{FreePort.Next()}";
        await File.WriteAllTextAsync(folder.In("resources", "statestore.yaml"),
            "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: statestore\nspec:\n"
            + "  type: state.redis\n  version: v1\n  metadata:\n"
            + $"    - name: redisHost\n      value: {address}\nscopes: [worker]\n");
        await using var runner = RunnerProcess.Start(folder);
        Assert.Equal(1, await runner.ExitAsync());
        var said = Assert.Single(runner.Errors);
        Assert.Contains("component 'statestore' (state.redis)", said, StringComparison.Ordinal);
        Assert.Contains($"Redis at {address} can't be reached: start it, or set redisHost", said,
            StringComparison.Ordinal);
        foreach (var app in (string[])["worker", "other"])
            if (File.Exists(folder.In(app, "pid")))
                await Alive.UntilDeadAsync(await folder.NumberAsync(app, "pid"));
    }

    [Fact]
    public async Task An_app_that_never_becomes_healthy_ends_the_run()
    {
        await using var ill = await RecordingApp.StartAsync();
        ill.On("/health/ready", 503);
        using var folder = TemplateFolder.OfScripts(("worker", Sleeper, ""),
            ("ill", "", $"appPort: {ill.Port}\nenableAppHealthCheck: true\nappHealthCheckPath: /health/ready"));
        await using var runner = RunnerProcess.Start(folder, "--ready-timeout", "2");
        Assert.Equal(1, await runner.ExitAsync());
        Assert.Contains($"ill is not healthy after 2 s: http://127.0.0.1:{ill.Port}/health/ready answers 503",
            Assert.Single(runner.Errors));
        await Alive.UntilDeadAsync(await folder.NumberAsync("worker", "pid"));
    }

    [Theory]
    [InlineData("version: 1\napps: [", "not valid YAML")]
    [InlineData("version: 1\napps:\n  - appDirPath: .\n    colour: red\n",
        "field 'apps[0].colour' is not a known field")]
    [InlineData("version: 1\napps:\n  - appDirPath: .\n    command: [no-such-program]\n",
        "'no-such-program', which is neither on the PATH")]
    public async Task A_wrong_template_is_one_sentence(string yaml, string part)
    {
        using var folder = new TemplateFolder();
        folder.Write(yaml);
        await using var runner = RunnerProcess.Start(folder);
        Assert.Equal(1, await runner.ExitAsync());
        Assert.Contains(part, Assert.Single(runner.Errors));
    }
}
