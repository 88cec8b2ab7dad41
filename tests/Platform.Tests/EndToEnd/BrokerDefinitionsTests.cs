using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>
/// The broker's definitions say what the services subscribe to, so that an event which is published before a service's
/// first start waits for it. They are derived from what the services tell their sidecars.
/// </summary>
[Collection(nameof(SharedPlatform))]
public sealed class BrokerDefinitionsTests(PlatformFixture fixture)
{
    const string Write = "CLOUDPHONE_WRITE_DEFINITIONS";
    const string VirtualHost = "cloudphone";
    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly string File = Path.Combine(Repository.Root, "components", "rabbitmq", "definitions.json");

    static readonly string[] Subscribers =
        [AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing, AppIds.Notifications,
            AppIds.Media];

    [Fact]
    public async Task The_definitions_are_those_of_the_services_subscriptions()
    {
        var derived = await DeriveAsync();
        if (Environment.GetEnvironmentVariable(Write) == "1")
            await System.IO.File.WriteAllTextAsync(File, derived);
        var kept = await System.IO.File.ReadAllTextAsync(File);
        Assert.True(derived == kept, $"{File} is out of date: run this test with {Write}=1. It should be\n{derived}");
    }

    async Task<string> DeriveAsync()
    {
        var exchanges = new SortedSet<string>(StringComparer.Ordinal);
        var (queues, bindings, policies) = (new JsonArray(), new JsonArray(), new JsonArray());
        foreach (var service in Subscribers)
            foreach (var subscription in await SubscriptionsAsync(service))
            {
                var topic = subscription.GetProperty("topic").GetString()!;
                var metadata = subscription.GetProperty("metadata");
                var queue = metadata.GetProperty("queueName").GetString()!;
                exchanges.Add(topic);
                queues.Add(Queue(queue, metadata.GetProperty("queueType").GetString()!));
                foreach (var key in metadata.GetProperty("routingKey").GetString()!.Split(',').Distinct().Order())
                    bindings.Add(Binding(topic, queue, key));
                policies.Add(Policy(queue,
                    subscription.TryGetProperty("deadLetterTopic", out var letters) ? letters.GetString() : null));
            }
        return Lines(new()
        {
            ["vhosts"] = new JsonArray(new JsonObject { ["name"] = VirtualHost }),
            ["exchanges"] = new JsonArray([.. exchanges.Select(Exchange)]),
            ["queues"] = queues, ["bindings"] = bindings, ["policies"] = policies,
        });
    }

    async Task<IReadOnlyList<JsonElement>> SubscriptionsAsync(string service)
    {
        var secrets = await System.IO.File.ReadAllTextAsync(Path.Combine(fixture.Platform.Data, "secrets.json"));
        using var http = new HttpClient { BaseAddress = fixture.Platform.AddressOf(service) };
        http.DefaultRequestHeaders.Add("dapr-api-token",
            JsonDocument.Parse(secrets).RootElement.GetProperty("APP_API_TOKEN").GetString());
        var all = JsonDocument.Parse(await http.GetStringAsync("/dapr/subscribe")).RootElement;
        return [.. all.EnumerateArray().OrderBy(s => s.GetProperty("topic").GetString(), StringComparer.Ordinal)];
    }

    static JsonObject Exchange(string name) => new()
    {
        ["vhost"] = VirtualHost, ["name"] = name, ["type"] = "topic", ["durable"] = true, ["auto_delete"] = false,
        ["internal"] = false, ["arguments"] = new JsonObject(),
    };

    static JsonObject Queue(string name, string type) => new()
    {
        ["vhost"] = VirtualHost, ["name"] = name, ["durable"] = true, ["auto_delete"] = false,
        ["arguments"] = new JsonObject { ["x-queue-type"] = type },
    };

    static JsonObject Binding(string exchange, string queue, string key) => new()
    {
        ["vhost"] = VirtualHost, ["source"] = exchange, ["destination"] = queue, ["destination_type"] = "queue",
        ["routing_key"] = key, ["arguments"] = new JsonObject(),
    };

    /// <summary>
    /// Events: a day, 10 000 messages, and what is too old or too much goes to the dead letters. A message that comes
    /// again and again because its service is ill is no poison: from version 4 on the broker would give it up after 20
    /// times, and a dead letter would then be lost.
    /// </summary>
    static JsonObject Policy(string queue, string? deadLetterExchange)
    {
        var definition = new JsonObject();
        if (deadLetterExchange is not null)
            (definition["dead-letter-exchange"], definition["message-ttl"], definition["max-length"]) =
                (deadLetterExchange, 86_400_000, 10_000);
        definition["delivery-limit"] = 1_000_000;
        return Policy(queue, definition);
    }

    static JsonObject Policy(string queue, JsonObject definition) => new()
    {
        ["vhost"] = VirtualHost, ["name"] = queue,
        ["pattern"] = $"^{queue.Replace(".", "\\.", StringComparison.Ordinal)}$",
        ["apply-to"] = "queues", ["priority"] = 0, ["definition"] = definition,
    };

    /// <summary>An entry a line, for readers and for version control.</summary>
    static string Lines(JsonObject definitions) =>
        $"{{\n{string.Join(",\n", definitions.Select(s => Section(s.Key, s.Value!.AsArray())))}\n}}\n";

    static string Section(string name, JsonArray entries) =>
        $"  \"{name}\": [\n{string.Join(",\n", entries.Select(e => $"    {e!.ToJsonString(Plain)}"))}\n  ]";
}
