using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.State;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Actors;

/// <summary>An app that hosts DeviceActor, beside its sidecar with an actor state store.</summary>
sealed class ActorSidecar : IAsyncDisposable
{
    public const string Base = "/v1.0/actors/DeviceActor";
    public const string Config = """
        {"entities":["DeviceActor"],"actorIdleTimeout":"1h","drainOngoingCallTimeout":"2s","drainRebalancedActors":true,
         "reentrancy":{"enabled":true}}
        """;

    ActorSidecar(RecordingApp app, TestSidecar sidecar) => (App, Sidecar) = (app, sidecar);

    public RecordingApp App { get; }
    public TestSidecar Sidecar { get; }

    public static async Task<ActorSidecar> StartAsync(
        string config = Config, string appId = "device-service",
        (string Name, string Value)[]? place = null, SidecarNeighbourhood? neighbourhood = null,
        string[]? resources = null, string? configuration = null, Action<RecordingApp>? prepare = null)
    {
        var app = await RecordingApp.StartAsync(config);
        prepare?.Invoke(app);
        return new(app, await StartAsync(app, appId, place, neighbourhood, resources, configuration));
    }

    public static Task<TestSidecar> StartAsync(
        RecordingApp app, string appId = "device-service",
        (string Name, string Value)[]? place = null, SidecarNeighbourhood? neighbourhood = null,
        string[]? resources = null, string? configuration = null) =>
        TestSidecar.StartAsync(appId, app, [Store(place), .. resources ?? []], configuration, neighbourhood,
            o => o with { InternalListenAddress = "127.0.0.1" });

    /// <param name="place">Where a SQLite or Redis store keeps it; null or nothing: in memory.</param>
    public static string Store((string Name, string Value)[]? place = null)
    {
        var kind = place is null or [] ? "state.in-memory"
            : place.Any(m => m.Name == "redisHost") ? "state.redis"
            : "state.sqlite";
        return StateSidecar.Component(kind, [.. place ?? [], ("actorStateStore", "true")]);
    }

    public Task<Answer> PutAsync(string path, string? body = null, params (string Name, string Value)[] headers) =>
        Sidecar.CallAsync("PUT", $"{Base}/{path}", body, headers: headers);

    public Task<Answer> GetAsync(string path) => Sidecar.GetAsync($"{Base}/{path}");

    public Task<Answer> DeleteAsync(string path) => Sidecar.CallAsync("DELETE", $"{Base}/{path}");

    public static string AppPath(string rest) => $"/actors/DeviceActor/{rest}";

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await App.DisposeAsync();
    }
}
