using System.Text.Json;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub;

/// <summary>
/// A subscriber's app and sidecar on an embedded broker, which also publishes and reads the dead letters.
/// </summary>
sealed class Bus : IAsyncDisposable
{
    public const string Topic = "cloudphone.events", DeadLetters = "cloudphone.notifications.dlx";
    public const string AppId = "notification-service";
    public const string Created = "/events/device.created", Other = "/events/other", Dead = "/dead";

    readonly string _folder;
    readonly string[] _resources;

    Bus(RecordingApp app, TestSidecar sidecar, string folder, string[] resources) =>
        (App, Sidecar, _folder, _resources) = (app, sidecar, folder, resources);

    public RecordingApp App { get; }
    public TestSidecar Sidecar { get; private set; }

    /// <param name="rules">CEL and path; null: events of the type device.created and device.stopped to their
    /// paths.</param>
    public static string Subscription(
        string keys = "device.created", (string Match, string Path)[]? rules = null, string fallback = "events/other",
        string? deadLetters = DeadLetters, string more = "") => $$"""
        {"pubsubName": "pubsub", "topic": "{{Topic}}", {{more}}
         "routes": {"rules": [{{string.Join(", ", (rules ?? Typed).Select(Rule))}}],
                    "default": "{{fallback}}"},
         {{(deadLetters is null ? "" : $"\"deadLetterTopic\": \"{deadLetters}\",")}}
         "metadata": {"queueName": "notification-service.events", "routingKey": "{{keys}}", "queueType": "quorum"} }
        """;

    /// <param name="resiliency">The text under <c>spec:</c>.</param>
    public static async Task<Bus> StartAsync(
        string? subscription = null, string? resiliency = null, string? config = null,
        Func<SidecarOptions, SidecarOptions>? with = null,
        string[]? declared = null, params (string Name, string Value)[] component)
    {
        var folder = Directory.CreateTempSubdirectory("bus-test-").FullName;
        var dead = $$"""
            {"pubsubname": "deadletters", "topic": "{{DeadLetters}}", "route": "dead",
             "metadata": {"queueName": "dead", "routingKey": "#"} }
            """;
        var app = await RecordingApp.StartAsync(subscribe: $"[{subscription ?? Subscription()},{dead}]");
        app.On("/health/ready", 200);
        string[] resources =
        [
            Embedded("pubsub", folder, component), Embedded("deadletters", folder), .. declared ?? [],
            .. resiliency is null
                ? Array.Empty<string>()
                : [$"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata:\n  name: r\nspec:\n{resiliency}"],
        ];
        return new(app, await TestSidecar.StartAsync(AppId, app, resources, config, with: with), folder, resources);
    }

    public static string Embedded(string name, string folder, params (string Name, string Value)[] metadata) =>
        TestSidecar.Component(name, "pubsub.embedded",
        [
            ("path", Path.Combine(folder, "broker.db")), ("exchangeKind", "topic"), ("prefetchCount", "50"),
            .. metadata,
        ]);

    public async Task SendAsync(string type = "device.created", string data = "{}", string id = "1")
    {
        var query = $"?metadata.routingKey={type}&metadata.cloudevent.type={type}&metadata.cloudevent.id={id}";
        Assert.Equal(204, (await PublishAsync(data, query)).Status);
    }

    public Task<Answer> PublishAsync(string? data, string query = "", params (string Name, string Value)[] headers) =>
        Sidecar.CallAsync("POST", $"/v1.0/publish/pubsub/{Topic}{query}", data, headers: headers);

    /// <summary>The next life of the sidecar, once it has ended.</summary>
    public async Task RestartAsync()
    {
        await Sidecar.DisposeAsync();
        Sidecar = await TestSidecar.StartAsync(AppId, App, _resources);
    }

    /// <summary>The event bodies that a path got, in order, once there are that many.</summary>
    public async Task<IReadOnlyList<JsonElement>> EventsAsync(string path, int count = 1) =>
        [.. (await App.WaitAsync(path, count)).Select(r => JsonElement.Parse(r.Body))];

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await App.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    static string Rule((string Match, string Path) rule) =>
        JsonSerializer.Serialize(new { match = rule.Match, path = rule.Path });

    static readonly (string, string)[] Typed =
    [
        ("event.type == \"device.created\"", "events/device.created"),
        ("event.type == \"device.stopped\"", "events/device.stopped"),
    ];
}
