using CloudPhone.Sidecar.Tests.State.Redis;
using CloudPhone.Testing.Servers;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace CloudPhone.Sidecar.Tests.State.Redis;

/// <summary>
/// One Redis server for all tests that do not stop theirs; each takes a pair of databases of its own.
/// </summary>
public sealed class SharedRedis : IAsyncLifetime
{
    const int Databases = 1024;

    static RedisServer? _server;
    static ConnectionMultiplexer? _client;
    static int _next;

    public async ValueTask InitializeAsync()
    {
        if (RedisServer.Missing is not null)
            return;
        _server = await RedisServer.StartAsync();
        _client = await ConnectionMultiplexer.ConnectAsync($"{_server.Address},allowAdmin=true");
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Metadata of a component with a database that nobody else has now; skips the test where there is no
    /// Redis.</summary>
    public static (string Name, string Value)[] NewDatabase()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        var database = Interlocked.Increment(ref _next) % (Databases / 2) * 2;
        foreach (var d in (int[])[database, database + 1])
            _client!.GetServer(_server!.Address).FlushDatabase(d);
        return [("redisHost", _server!.Address), ("redisDB", $"{database}")];
    }

    /// <summary>The client's view of the database of <see cref="NewDatabase"/>.</summary>
    /// <param name="offset">1: the one where the sidecars keep their own books.</param>
    public static IDatabase Of((string Name, string Value)[] metadata, int offset = 0) =>
        _client!.GetDatabase(int.Parse(metadata.Single(m => m.Name == "redisDB").Value) + offset);

    public static List<string> Keys(IDatabase database) =>
        [.. _client!.GetServer(_server!.Address).Keys(database.Database).Select(k => (string)k!).Order()];
}
