using System.Text.Json;
using Npgsql;

namespace CloudPhone.Testing.Servers;

/// <summary>
/// RabbitMQ, Redis, Consul and PostgreSQL for one platform, prepared as the README says. CLOUDPHONE_TEST_SERVERS=1 runs
/// all tests of the platform on them.
/// </summary>
public sealed class RealServers : IAsyncDisposable
{
    const string VirtualHost = "cloudphone";

    RealServers(PostgresServer postgres, RabbitMqServer rabbit, RedisServer redis, ConsulServer consul) =>
        (Postgres, Rabbit, Redis, Consul) = (postgres, rabbit, redis, consul);

    public static bool AreAskedFor { get; } = Environment.GetEnvironmentVariable("CLOUDPHONE_TEST_SERVERS") == "1";

    public PostgresServer Postgres { get; }
    public RabbitMqServer Rabbit { get; }
    public RedisServer Redis { get; }
    public ConsulServer Consul { get; }

    /// <summary>Why there can be none on this machine; null where there can.</summary>
    public static string? Missing =>
        RabbitMqServer.Missing ?? PostgresServer.Missing ?? RedisServer.Missing ?? ConsulServer.Missing;

    /// <param name="postgresSettings">As <see cref="PostgresServer.StartAsync"/> takes them.</param>
    public static async Task<RealServers> StartAsync(params string[] postgresSettings)
    {
        var (postgres, rabbit) = (PostgresServer.StartAsync(postgresSettings), RabbitMqServer.StartAsync());
        var (redis, consul) = (RedisServer.StartAsync("only in tests"), ConsulServer.StartAsync());
        var servers = new RealServers(await postgres, await rabbit, await redis, await consul);
        var definitions = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "components", "rabbitmq", "definitions.json"));
        await servers.Rabbit.SendAsync(
            HttpMethod.Post, "definitions", JsonSerializer.Deserialize<JsonElement>(definitions));
        await servers.Rabbit.SendAsync(HttpMethod.Put, $"permissions/{VirtualHost}/guest",
            new { configure = ".*", write = ".*", read = ".*" });
        return servers;
    }

    /// <summary>What the shell that starts the platform has.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["RABBITMQ_URL"] = Rabbit.Url(VirtualHost), ["DATABASE_URL"] = Postgres.Url(""),
        ["REDIS_HOST"] = "127.0.0.1", ["REDIS_PORT"] = $"{Redis.Port}", ["REDIS_PASSWORD"] = Redis.Password,
        ["CONSUL_HOST"] = "127.0.0.1", ["CONSUL_PORT"] = $"{Consul.Port}", ["DAPR_HOST_IP"] = "127.0.0.1",
    };

    /// <summary>
    /// Deletes the queues of services that do not run: with the definitions come those of all, and they would only
    /// fill.
    /// </summary>
    public async Task KeepQueuesOfAsync(params string[] appIds)
    {
        foreach (var queue in (await Rabbit.GetAsync($"queues/{VirtualHost}")).EnumerateArray())
            if (queue.GetProperty("name").GetString()! is var name
                && !appIds.Any(a => name.StartsWith(a, StringComparison.Ordinal)))
                await Rabbit.SendAsync(HttpMethod.Delete, $"queues/{VirtualHost}/{name}");
    }

    /// <summary>A service's own database.</summary>
    public NpgsqlConnection Open(string appId)
    {
        var connection = new NpgsqlConnection(Postgres.ConnectionString(appId.Replace('-', '_')));
        connection.Open();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await Consul.DisposeAsync();
        await Redis.DisposeAsync();
        await Rabbit.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
