using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

/// <summary>An app and its sidecar on a virtual host of its own, and what the broker says of it.</summary>
sealed class RabbitBus : IAsyncDisposable
{
    public const string Topic = "cloudphone.events", AppId = "notification-service";
    public const string Queue = "notification-service.events", Path = "/events";

    readonly RabbitMqServer _server;

    RabbitBus(RabbitMqServer server, string host, RecordingApp app, TestSidecar sidecar) =>
        (_server, Host, App, Sidecar) = (server, host, app, sidecar);

    public string Host { get; }
    public RecordingApp App { get; }
    public TestSidecar Sidecar { get; private set; }

    public static string Subscription(string keys = "device.#", string more = "") => $$"""
        {"pubsubname": "pubsub", "topic": "{{Topic}}", "route": "events",
         "metadata": {"queueName": "{{Queue}}", "routingKey": "{{keys}}", "queueType": "quorum" {{more}}} }
        """;

    /// <summary>The component as it is in real use; a value of null takes a field away.</summary>
    public static string Component(string url, params (string Name, string? Value)[] metadata)
    {
        var values = new Dictionary<string, string?>
        {
            ["connectionString"] = url, ["exchangeKind"] = "topic", ["durable"] = "true",
            ["deletedWhenUnused"] = "false", ["deliveryMode"] = "2", ["prefetchCount"] = "50",
            ["clientName"] = "{appID}", ["reconnectWaitSeconds"] = "200ms",
        };
        foreach (var (name, value) in metadata)
            values[name] = value;
        return TestSidecar.Component(
            "pubsub", "pubsub.rabbitmq", [.. values.Where(v => v.Value is not null).Select(v => (v.Key, v.Value!))]);
    }

    /// <param name="subscription">"": there is none.</param>
    public static async Task<RabbitBus> StartAsync(
        RabbitMqServer server, string? subscription = null, string? host = null, string? resiliency = null,
        LogLines? log = null, params (string Name, string? Value)[] component)
    {
        host ??= await server.CreateVirtualHostAsync();
        var app = await RecordingApp.StartAsync(subscribe: $"[{subscription ?? Subscription()}]");
        string[] resources =
        [
            Component(server.Url(host), component),
            .. resiliency is null
                ? Array.Empty<string>()
                : [$"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata:\n  name: r\nspec:\n{resiliency}"],
        ];
        return new(server, host, app, await TestSidecar.StartAsync(AppId, app, resources, log: log));
    }

    public Task<Answer> PublishAsync(
        string id = "1", string key = "device.created", string more = "", string topic = Topic) =>
        Sidecar.CallAsync(
            "POST", $"/v1.0/publish/pubsub/{topic}?metadata.routingKey={key}&metadata.cloudevent.id={id}{more}", "{}");

    public async Task SendAsync(string id = "1", string key = "device.created") =>
        Assert.Equal(204, (await PublishAsync(id, key)).Status);

    /// <summary>The ids that the app got, in order, once there are that many.</summary>
    public async Task<IReadOnlyList<string>> IdsAsync(int count) =>
        [.. (await App.WaitAsync(Path, count)).Select(r => JsonElement.Parse(r.Body).GetProperty("id").GetString()!)];

    /// <summary>A durable queue of ours that gets everything of a topic.</summary>
    public async Task TapAsync(string topic = Topic, object? arguments = null)
    {
        await _server.SendAsync(HttpMethod.Put, $"exchanges/{Host}/{topic}", new { type = "topic", durable = true });
        await _server.SendAsync(
            HttpMethod.Put, $"queues/{Host}/tap", new { durable = true, arguments = arguments ?? new { } });
        await _server.SendAsync(HttpMethod.Post, $"bindings/{Host}/e/{topic}/q/tap", new { routing_key = "#" });
    }

    /// <summary>Takes messages out of a queue, once there are that many.</summary>
    public async Task<IReadOnlyList<JsonElement>> ReadAsync(int count = 1, string queue = "tap")
    {
        var messages = new List<JsonElement>();
        await Wait.UntilAsync($"{count} messages in {queue}", async () =>
        {
            var got = await _server.SendAsync(HttpMethod.Post, $"queues/{Host}/{queue}/get",
                new { count = count - messages.Count, ackmode = "ack_requeue_false", encoding = "auto" });
            messages.AddRange(got!.Value.EnumerateArray());
            return messages.Count >= count;
        });
        return messages;
    }

    public async Task<IReadOnlyList<JsonElement>> ListAsync(string what) =>
        [.. (await _server.GetAsync($"{what}/{Host}")).EnumerateArray()];

    public Task ConsumersAsync(int count = 1) => Wait.UntilAsync(
        $"{count} consumers", async () => (await ListAsync("consumers")).Count == count, 30);

    /// <summary>Until the queue has that many messages, in hand or not.</summary>
    public Task DepthAsync(int count, string queue = Queue) => Wait.UntilAsync(
        $"{count} messages in {queue}",
        async () => (await _server.GetAsync($"queues/{Host}/{queue}")).TryGetProperty("messages", out var n)
            && n.GetInt32() == count, 40);

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await App.DisposeAsync();
    }
}
