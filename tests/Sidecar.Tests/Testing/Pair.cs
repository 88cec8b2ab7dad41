using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Tests.Testing;

/// <summary>Two apps with their sidecars in one process: api-gateway calls device-service.</summary>
sealed class Pair : IAsyncDisposable
{
    readonly SidecarNeighbourhood _neighbourhood = new();

    public required RecordingApp CallerApp { get; init; }
    public required RecordingApp App { get; init; }
    public TestSidecar Caller { get; private set; } = null!;
    public TestSidecar Callee { get; private set; } = null!;

    /// <param name="resources">Of the caller.</param>
    /// <param name="config">Of both.</param>
    public static async Task<Pair> StartAsync(
        string[]? resources = null, string? config = null, Func<SidecarOptions, SidecarOptions>? callee = null,
        Func<SidecarOptions, SidecarOptions>? caller = null, bool apart = false)
    {
        var pair = new Pair { CallerApp = await RecordingApp.StartAsync(), App = await RecordingApp.StartAsync() };
        pair.Callee = await TestSidecar.StartAsync(
            "device-service", pair.App, config: config, neighbourhood: apart ? null : pair._neighbourhood,
            with: callee);
        if (apart)
            pair._neighbourhood.Peers["device-service"] =
                new($"http://127.0.0.1:{pair.Callee.Options.InternalGrpcPort}");
        pair.Caller = await TestSidecar.StartAsync(
            "api-gateway", pair.CallerApp, resources, config, pair._neighbourhood, caller);
        return pair;
    }

    public Task<Answer> InvokeAsync(
        string method, string path, string? body = null, bool chunked = false,
        params (string Name, string Value)[] headers) =>
        Caller.InvokeAsync("device-service", method, path, body, chunked, headers);

    /// <summary>The last request that the called app got, start-up calls apart.</summary>
    public Recorded Last => App.Requests().Last(r => !r.Path.StartsWith("/dapr/", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Caller.DisposeAsync();
        await Callee.DisposeAsync();
        await _neighbourhood.DisposeAsync();
        await CallerApp.DisposeAsync();
        await App.DisposeAsync();
    }
}
