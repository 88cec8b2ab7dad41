using CloudPhone.Contracts;
using CloudPhone.Testing.Servers;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>What was committed and what came of it, read from the two databases and the broker.</summary>
sealed class Ledger(RealServers servers)
{
    const string VirtualHost = "cloudphone";
    /// <summary>Committed, and not yet proven to be in the broker.</summary>
    const string Unconfirmed = "SELECT count(*) FROM outbox WHERE sent_at IS NULL OR confirmed_at IS NULL";

    public static string Queue(ServicePair pair) => $"{pair.AppId}.events";

    /// <summary>Forgets what was before, but for the inboxes: a late double must not be handled as new.</summary>
    public void Clear()
    {
        foreach (var app in new[] { AppIds.Devices, AppIds.Apps })
            Run(app, "TRUNCATE outbox, notes, dead_letters, handler_failures", c => c.ExecuteNonQuery());
    }

    /// <summary>Names of the events that the publisher has committed.</summary>
    public IReadOnlyList<string> Committed() =>
        Texts(AppIds.Devices, "SELECT payload::json->>'deviceName' FROM outbox WHERE type = 'device.created'");

    /// <summary>A name for each time that a note was made.</summary>
    public IReadOnlyList<string> Noted() => Texts(AppIds.Apps, "SELECT text FROM notes");

    /// <summary>Ids of dead letters that wait for their replay.</summary>
    public IReadOnlyList<(Guid Id, string EventId, string Error)> DeadLetters() => Run(AppIds.Apps,
        "SELECT id, event_id, error FROM dead_letters WHERE replayed_at IS NULL", c =>
        {
            using var reader = c.ExecuteReader();
            var letters = new List<(Guid, string, string)>();
            while (reader.Read())
                letters.Add((reader.GetGuid(0), reader.GetString(1), reader.GetString(2)));
            return letters;
        });

    /// <summary>Committed, and not yet noted by the consumer.</summary>
    public long InFlight() => Count(AppIds.Devices, "SELECT count(*) FROM outbox")
        - Count(AppIds.Apps, "SELECT count(*) FROM notes WHERE text LIKE 'event %'");

    public long Unsent() => Count(AppIds.Devices, "SELECT count(*) FROM outbox WHERE sent_at IS NULL");

    /// <summary>How many times more than once events were sent, in both services.</summary>
    public long SentAgain() => new[] { AppIds.Devices, AppIds.Apps }.Sum(
        app => Count(app, "SELECT coalesce(sum(attempts - 1), 0)::bigint FROM outbox"));

    /// <summary>Why it is not at rest; null where it is. A server that is away is a reason, too.</summary>
    public async Task<string?> BacklogAsync()
    {
        try
        {
            var (publisher, consumer) = (Count(AppIds.Devices, Unconfirmed), Count(AppIds.Apps, Unconfirmed));
            var letters = DeadLetters().Count;
            if (publisher + consumer + letters + InFlight() > 0)
                return $"outboxes {publisher} and {consumer}, dead letters {letters}, not noted {InFlight()}";
            var queued = await QueuedAsync();
            return queued > 0 ? $"{queued} messages in queues" : null;
        }
        catch (Exception e) when (e is NpgsqlException or BrokerUnreachableException or OperationInterruptedException)
        {
            return e.Message;
        }
    }

    /// <summary>Asked of the queues: the management API knows quorum queues as they were up to 5 s ago.</summary>
    async Task<long> QueuedAsync()
    {
        var factory = new ConnectionFactory { Uri = new(servers.Rabbit.Url(VirtualHost)) };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var sum = 0L;
        foreach (var app in new[] { AppIds.Devices, AppIds.Apps })
            sum += (await channel.QueueDeclarePassiveAsync($"{app}.events")).MessageCount
                + (await channel.QueueDeclarePassiveAsync($"{app}.dlx")).MessageCount;
        return sum;
    }

    long Count(string app, string query) => Run(app, query, c => (long)c.ExecuteScalar()!);

    List<string> Texts(string app, string query) => Run(app, query, c =>
    {
        using var reader = c.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
            texts.Add(reader.GetString(0));
        return texts;
    });

    T Run<T>(string app, string query, Func<NpgsqlCommand, T> read)
    {
        using var connection = servers.Open(app);
#pragma warning disable CA2100 // constants of this class
        using var command = new NpgsqlCommand(query, connection);
#pragma warning restore CA2100
        return read(command);
    }
}
