using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.State.Redis;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.State;

/// <summary>A sidecar with one state store named statestore, of any kind.</summary>
static class StateSidecar
{
    public const string Store = "/v1.0/state/statestore";

    public static TheoryData<string> Kinds { get; } = ["state.in-memory", "state.sqlite", "state.redis"];

    public static Task<TestSidecar> StartAsync(
        string kind, string appId = "user-service", SidecarNeighbourhood? neighbourhood = null,
        Func<SidecarOptions, SidecarOptions>? with = null, params (string Name, string Value)[] metadata) =>
        TestSidecar.StartAsync(appId, resources: [Component(kind, metadata)], neighbourhood: neighbourhood, with: with);

    public static string Component(string kind, params (string Name, string Value)[] metadata) =>
        TestSidecar.Component("statestore", kind,
            metadata.Any(m => m.Name is "connectionString" or "redisHost")
                ? metadata
                : [.. NewPlace(kind), .. metadata]);

    /// <summary>Metadata of a place of its own for what a store keeps.</summary>
    public static (string Name, string Value)[] NewPlace(string kind) => kind switch
    {
        "state.sqlite" => [("connectionString", NewFile())],
        "state.redis" => SharedRedis.NewDatabase(),
        _ => [],
    };

    public static string NewFile() => Path.Combine(Directory.CreateTempSubdirectory("state-").FullName, "state.db");

    public static Task<Answer> SaveAsync(
        this TestSidecar sidecar, string key, string value, string? etag = null, string? concurrency = null,
            string? ttl = null)
    {
        var item = $$"""{"key":"{{key}}","value":{{value}}""";
        if (etag is not null)
            item += $$""","etag":"{{etag}}" """;
        if (concurrency is not null)
            item += $$$""","options":{"concurrency":"{{{concurrency}}}"}""";
        if (ttl is not null)
            item += $$$""","metadata":{"ttlInSeconds":"{{{ttl}}}"}""";
        return sidecar.CallAsync("POST", Store, $"[{item}}}]");
    }

    public static Task<Answer> ValueAsync(this TestSidecar sidecar, string key) => sidecar.GetAsync($"{Store}/{key}");
}
