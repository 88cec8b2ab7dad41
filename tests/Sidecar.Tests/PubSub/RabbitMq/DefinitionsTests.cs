using System.Text.Json;
using RabbitMQ.Client;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

/// <summary>What the broker itself makes of the definitions that it is given: Dapr has no words for it.</summary>
[Collection(Rabbit.Name)]
public sealed class DefinitionsTests(Rabbit rabbit) : IAsyncLifetime
{
    const string Host = "cloudphone", Service = "notification-service";
    IConnection _connection = null!;
    IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        var definitions = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "components", "rabbitmq", "definitions.json"));
        for (var i = 0; i < 2; i++) // again at any time
            await rabbit.Server.SendAsync(
                HttpMethod.Post, "definitions", JsonSerializer.Deserialize<JsonElement>(definitions));
        await rabbit.Server.SendAsync(HttpMethod.Put, $"permissions/{Host}/guest",
            new { configure = ".*", write = ".*", read = ".*" });
        _connection = await new ConnectionFactory { Uri = new(rabbit.Server.Url(Host)) }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(new(true, true));
    }

    [Fact]
    public async Task What_nobody_takes_for_its_time_is_a_dead_letter()
    {
        // shown a little later
        await Wait.UntilAsync("24 hours", async () =>
            (await rabbit.Server.GetAsync($"queues/{Host}/{Service}.events"))
            .TryGetProperty("effective_policy_definition", out var policy)
            && policy.TryGetProperty("message-ttl", out var ms) && ms.GetInt32() == 86_400_000);
        await SendAsync(new() { Persistent = true, Expiration = "1" });
        await Wait.UntilAsync("the dead letter", async () => await CountAsync("dlx") == 1);
        Assert.Equal(0u, await CountAsync("events"));
        var letter = await _channel.BasicGetAsync($"{Service}.dlx", autoAck: true);
        Assert.Equal("device.created", letter!.RoutingKey);
    }

    [Fact]
    public async Task The_oldest_of_more_than_10_000_are_dead_letters()
    {
        for (var sent = 0; sent < 10_040; sent += 40)
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SendAsync(new() { Persistent = true })));
        await Wait.UntilAsync("the queue to be cut", async () => await CountAsync("dlx") == 40);
        Assert.Equal(10_000u, await CountAsync("events"));
    }

    /// <summary>To the services' queues that want it.</summary>
    Task SendAsync(BasicProperties properties) => _channel.BasicPublishAsync(
        "cloudphone.events", "device.created", mandatory: true, properties, "{}"u8.ToArray()).AsTask();

    async Task<uint> CountAsync(string queue) =>
        (await _channel.QueueDeclarePassiveAsync($"{Service}.{queue}")).MessageCount;

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await rabbit.Server.SendAsync(HttpMethod.Delete, $"vhosts/{Host}");
    }
}
