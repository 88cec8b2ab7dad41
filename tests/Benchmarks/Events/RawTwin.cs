using System.Text;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CloudPhone.Benchmarks.Events;

/// <summary>
/// The least that a program can do without losing a message: confirmed publishing with a window, a quorum queue, and
/// one row per message before its acknowledgement. No outbox, no inbox, no envelope, and one process for all. It has
/// the connections and the prefetch of a service.
/// </summary>
sealed class RawTwin : IAsyncDisposable
{
    const int Window = 100, Connections = 15, Prefetch = 50, Bytes = 1024;
    const string Queue = "raw";
    static readonly string Filling = new('x', Bytes - 64);

    readonly NpgsqlDataSource _database;
    readonly IConnection _connection;
    readonly SemaphoreSlim _window = new(Window);
    IChannel _publishing = null!;

    RawTwin(NpgsqlDataSource database, IConnection connection) => (_database, _connection) = (database, connection);

    public static async Task<RawTwin> StartAsync(RealServers servers)
    {
        var name = new Uri(await servers.Postgres.CreateDatabaseAsync()).AbsolutePath.Trim('/');
        var settings = new NpgsqlConnectionStringBuilder(servers.Postgres.ConnectionString(name))
        {
            MaxPoolSize = Connections, MaxAutoPrepare = 10,
        };
        var database = NpgsqlDataSource.Create(settings);
        await using (var create = database.CreateCommand(
            "CREATE TABLE raw (id uuid PRIMARY KEY, sent_at timestamptz NOT NULL, payload text NOT NULL)"))
            await create.ExecuteNonQueryAsync();
        var factory = new ConnectionFactory
        {
            Uri = new(servers.Rabbit.Url(await servers.Rabbit.CreateVirtualHostAsync())),
        };
        var twin = new RawTwin(database, await factory.CreateConnectionAsync());
        await twin.OpenAsync();
        return twin;
    }

    public async Task<double> ThroughputAsync(int events)
    {
        await ClearAsync();
        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, events).Select(_ => PublishAsync()));
        await UntilHandledAsync(events);
        return events / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    public async Task PublishAsync()
    {
        await _window.WaitAsync();
        try
        {
            var body = Encoding.UTF8.GetBytes(
                $"{Guid.CreateVersion7()} {TimeProvider.System.GetUtcNow().UtcDateTime.Ticks} {Filling}");
            await _publishing.BasicPublishAsync(
                "", Queue, mandatory: true, new BasicProperties { Persistent = true }, body);
        }
        finally
        {
            _window.Release();
        }
    }

    public async Task ClearAsync()
    {
        await using var clear = _database.CreateCommand("TRUNCATE raw");
        await clear.ExecuteNonQueryAsync();
    }

    public Task UntilHandledAsync(int events) => Wait.UntilAsync($"{events} rows", async () =>
    {
        await using var count = _database.CreateCommand("SELECT count(*) FROM raw");
        return (long)(await count.ExecuteScalarAsync())! == events;
    }, 180);

    /// <summary>From when each message was made to the commit of its row.</summary>
    public async Task<IReadOnlyList<TimeSpan>> LatenciesAsync()
    {
        await using var select = _database.CreateCommand("SELECT pg_xact_commit_timestamp(xmin) - sent_at FROM raw");
        await using var reader = await select.ExecuteReaderAsync();
        var latencies = new List<TimeSpan>();
        while (await reader.ReadAsync())
            latencies.Add(reader.GetTimeSpan(0));
        return latencies;
    }

    async Task OpenAsync()
    {
        // the limiter that comes with the client makes publishers sleep
        _publishing = await _connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
                outstandingPublisherConfirmationsRateLimiter: null));
        var consuming = await _connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false,
                consumerDispatchConcurrency: Connections));
        await consuming.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await consuming.BasicQosAsync(0, Prefetch, global: false);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, message) =>
        {
            var text = Encoding.UTF8.GetString(message.Body.Span);
            await InsertAsync(text);
            await consuming.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await consuming.BasicConsumeAsync(Queue, autoAck: false, consumer);
    }

    async Task InsertAsync(string text)
    {
        var fields = text.Split(' ', 3);
        await using var insert = _database.CreateCommand("INSERT INTO raw (id, sent_at, payload) VALUES ($1, $2, $3)");
        insert.Parameters.Add(new() { Value = Guid.Parse(fields[0]) });
        insert.Parameters.Add(new() { Value = new DateTime(long.Parse(fields[1], null), DateTimeKind.Utc) });
        insert.Parameters.Add(new() { Value = fields[2] });
        await insert.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _database.DisposeAsync();
        _window.Dispose();
    }
}
