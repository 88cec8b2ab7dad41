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
        string config = Config, string appId = "device-service", string? file = null,
            SidecarNeighbourhood? neighbourhood = null,
        string[]? resources = null, string? configuration = null, Action<RecordingApp>? prepare = null)
    {
        var app = await RecordingApp.StartAsync(config);
        prepare?.Invoke(app);
        return new(app, await StartAsync(app, appId, file, neighbourhood, resources, configuration));
    }

    public static Task<TestSidecar> StartAsync(
        RecordingApp app, string appId = "device-service", string? file = null,
            SidecarNeighbourhood? neighbourhood = null,
        string[]? resources = null, string? configuration = null) =>
        TestSidecar.StartAsync(appId, app, [Store(file), .. resources ?? []], configuration, neighbourhood);

    public static string Store(string? file = null) => file is null
        ? StateSidecar.Component("state.in-memory", ("actorStateStore", "true"))
        : StateSidecar.Component("state.sqlite", ("connectionString", file), ("actorStateStore", "true"));

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
