using System.Text.Json;
using CloudPhone.Benchmarks.Programs;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Invocation;

/// <summary>Two stubs under the runner, with the components and the configuration of the embedded default.</summary>
sealed class EmbeddedPair : IAsyncDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cloudphone-benchmark-");
    readonly int _port = FreePort.Next();
    ServiceProcess? _runner;

    /// <summary>The API of the caller's sidecar.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>Made by the runner at its start.</summary>
    public string ApiToken { get; private set; } = "";

    public static async Task<EmbeddedPair> StartAsync()
    {
        var pair = new EmbeddedPair();
        await File.WriteAllTextAsync(Path.Combine(pair._folder.FullName, "dapr.yaml"), pair.Template());
        pair._runner = ServiceProcess.Start(
            [Repository.Built("sidecar", "sidecar"), "run", "-f", pair._folder.FullName, "--no-build"]);
        await Wait.UntilAsync("the runner's apps",
            () => pair._runner.Output.Contains("are healthy", StringComparison.Ordinal), 60);
        using var secrets = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(pair._folder.FullName, "data", "secrets.json")));
        pair.ApiToken = secrets.RootElement.GetProperty("DAPR_API_TOKEN").GetString()!;
        return pair;
    }

    string Template() => $"""
        version: 1
        name: benchmark
        common:
          resourcesPaths: [{Repository.Root}/components/embedded, {Repository.Root}/dapr-config/resiliency]
          configFilePath: {Repository.Root}/dapr-config/embedded/config.yaml
          apiListenAddresses: "127.0.0.1"
          logLevel: warn
          enableAppHealthCheck: true
          appHealthCheckPath: /health/ready
          appHealthProbeInterval: 1
          readBufferSize: 16Ki
          env:
            CLOUDPHONE_DATA: data
        apps:
        {App(AppIds.Devices, _port)}
        {App(AppIds.Apps, FreePort.Next())}
        """;

    string App(string appId, int sidecarPort)
    {
        var port = FreePort.Next();
        return $"""
              - appID: {appId}
                appDirPath: {_folder.FullName}
                appPort: {port}
                daprHTTPPort: {sidecarPort}
                daprGRPCPort: {FreePort.Next()}
                daprInternalGRPCPort: {FreePort.Next()}
                metricsPort: {FreePort.Next()}
                command: [dotnet, {string.Join(", ", Background.StubCommand(port))}]
            """;
    }

    public async ValueTask DisposeAsync()
    {
        await (_runner?.StopAsync() ?? Task.CompletedTask);
        await (_runner?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
    }
}
