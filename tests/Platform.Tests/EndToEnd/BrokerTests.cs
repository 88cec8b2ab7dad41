using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>The broker as others see it who have no sidecar: a plain AMQP client, and its own list of what is
/// there.</summary>
[Collection(nameof(SharedPlatform)), Trait("Needs", "Servers")]
public sealed class BrokerTests(PlatformFixture fixture)
{
    const string VirtualHost = "cloudphone", Exchange = "cloudphone.events";
    readonly RunningPlatform _platform = fixture.Platform;

    RabbitMqServer Rabbit => _platform.Servers?.Rabbit
        ?? throw new InvalidOperationException("This test needs CLOUDPHONE_TEST_SERVERS=1.");

    [Fact]
    public async Task An_event_that_a_plain_client_publishes_is_handled_once()
    {
        await using var user = await _platform.NewUserAsync();
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var e = new DeviceCreationFailed(
            Guid.CreateVersion7(), user.Id, "by hand", "no-capacity", "no room", DateTimeOffset.UtcNow, 1);
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["specversion"] = "1.0", ["id"] = $"by-hand-{Guid.NewGuid()}", ["source"] = "a plain client",
            ["type"] = DeviceCreationFailed.EventName, ["datacontenttype"] = "application/json",
            ["data"] = JsonSerializer.SerializeToElement(e, EventJson.Options),
        });
        var before = Deliveries();
        for (var i = 0; i < 2; i++)
            await channel.BasicPublishAsync(Exchange, DeviceCreationFailed.EventName, body);

        await Wait.UntilAsync("both deliveries", () => Deliveries() >= before + 2);
        Assert.Single(await NotificationsAsync(user));
    }

    /// <summary>Of such events to the notification service, doubles included.</summary>
    int Deliveries() => _platform.Log.Split('\n').Count(line =>
        line.StartsWith(AppIds.Notifications, StringComparison.Ordinal)
        && line.Contains($"POST /events/{DeviceCreationFailed.EventName} 200", StringComparison.Ordinal));

    [Fact]
    public async Task A_plain_consumer_reads_the_events_of_devices_as_CloudEvents()
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.QueueBindAsync(queue, Exchange, "device.#");
        var read = new System.Collections.Concurrent.ConcurrentQueue<(string Key, JsonElement Event)>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, d) =>
        {
            read.Enqueue((d.RoutingKey, JsonElement.Parse(d.Body.Span)));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);

        await using var user = await _platform.NewUserAsync();
        var id = await user.CreateRunningAsync("watched");
        IEnumerable<(string Key, JsonElement Event)> Own() =>
            read.Where(r => r.Event.GetProperty("data").GetProperty("deviceId").GetGuid() == id);
        await Wait.UntilAsync("both events", () =>
            Own().Select(r => r.Key).ToHashSet().IsSupersetOf(["device.created", "device.started"]));
        Assert.All(Own(), r =>
        {
            Assert.Equal(("1.0", r.Key, "device-service"), (Text(r.Event, "specversion"), Text(r.Event, "type"),
                Text(r.Event, "source")));
            Assert.True(Guid.TryParse(Text(r.Event, "id"), out _));
            Assert.Equal("application/json", Text(r.Event, "datacontenttype"));
        });
        (await user.Http.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData("exchanges", "name,type,durable,auto_delete,arguments")]
    [InlineData("queues", "name,durable,auto_delete,arguments")]
    [InlineData("policies", "name,pattern,apply-to,definition")]
    [InlineData("bindings", "source,destination,routing_key,arguments")]
    public async Task What_the_broker_has_is_what_the_definitions_say(string kind, string fields)
    {
        var file = Path.Combine(Repository.Root, "components", "rabbitmq", "definitions.json");
        var defined = JsonElement.Parse(await File.ReadAllTextAsync(file)).GetProperty(kind);
        var there = await Rabbit.GetAsync($"{kind}/{VirtualHost}");
        // beside its own exchanges and bindings, and queues that another test's client has for a moment
        string[] Names(JsonElement list) => [.. list.EnumerateArray()
            .Select(e => string.Join(' ', fields.Split(',').Select(f => Value(e.GetProperty(f)))))
            .Where(n => n.StartsWith("cloudphone.", StringComparison.Ordinal)
                || n.Contains("-service.", StringComparison.Ordinal))
            .Where(n => !n.Contains("amq.gen", StringComparison.Ordinal) && n[0] != ' ').Distinct().Order()];
        Assert.Equal(Names(defined), Names(there));
    }

    /// <summary>Objects in the order of their names, as no two servers write them.</summary>
    static string Value(JsonElement value) => value.ValueKind != JsonValueKind.Object ? $"{value}" : string.Join(
        ',', value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value}"));

    static async Task<IReadOnlyList<JsonElement>> NotificationsAsync(PlatformUser user) =>
        [.. (await user.ListAsync("/api/notifications"))
            .Where(n => Text(n, "type") == DeviceCreationFailed.EventName)];

    async Task<IConnection> ConnectAsync() =>
        await new ConnectionFactory { Uri = new(Rabbit.Url(VirtualHost)) }.CreateConnectionAsync();

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
