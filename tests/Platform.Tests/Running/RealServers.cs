using System.Text.Json;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;
using Npgsql;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>
/// RabbitMQ, Redis, Consul and PostgreSQL for one platform, prepared as the README says. CLOUDPHONE_TEST_SERVERS=1 runs
/// all tests of this project on them.
/// </summary>
sealed class RealServers : IAsyncDisposable
{
    const string VirtualHost = "cloudphone";

    RealServers(PostgresServer postgres, RabbitMqServer rabbit, RedisServer redis, ConsulServer consul) =>
        (Postgres, Rabbit, Redis, Consul) = (postgres, rabbit, redis, consul);

    public static bool AreAskedFor { get; } = Environment.GetEnvironmentVariable("CLOUDPHONE_TEST_SERVERS") == "1";

    public PostgresServer Postgres { get; }
    public RabbitMqServer Rabbit { get; }
    public RedisServer Redis { get; }
    public ConsulServer Consul { get; }

    public static async Task<RealServers> StartAsync()
    {
        var (postgres, rabbit) = (PostgresServer.StartAsync(), RabbitMqServer.StartAsync());
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
