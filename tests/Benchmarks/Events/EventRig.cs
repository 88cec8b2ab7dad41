using CloudPhone.Contracts;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;
using Npgsql;

namespace CloudPhone.Benchmarks.Events;

/// <summary>
/// Ours: one service publishes, the other keeps a note of each event. Between them are the outbox and its relay, two
/// sidecars, RabbitMQ and the inbox.
/// </summary>
sealed class EventRig : IAsyncDisposable
{
    const int AtOnce = 100;

    EventRig(RealServers servers) => (Servers, Publisher, Consumer) =
        (servers, new(AppIds.Devices, servers), new(AppIds.Apps, servers));

    public RealServers Servers { get; }
    ServicePair Publisher { get; }
    ServicePair Consumer { get; }

    public static async Task<EventRig> StartAsync()
    {
        var rig = new EventRig(await RealServers.StartAsync(PostgresSettings.Durable, PostgresSettings.CommitTimes));
        await rig.Servers.KeepQueuesOfAsync(AppIds.Devices, AppIds.Apps);
        await Task.WhenAll(rig.Publisher.StartServiceAsync(), rig.Consumer.StartServiceAsync(("MEASURED", "true")));
        await Task.WhenAll(rig.Publisher.StartSidecarAsync(), rig.Consumer.StartSidecarAsync());
        return rig;
    }

    /// <summary>From the first commit of the publisher to the last one of the consumer.</summary>
    /// <returns>Events per second.</returns>
    public async Task<double> ThroughputAsync(int events)
    {
        Clear();
        var start = TimeProvider.System.GetTimestamp();
        for (var sent = 0; sent < events; sent += AtOnce)
            await PublishAsync(AtOnce);
        await UntilHandledAsync(events);
        var elapsed = TimeProvider.System.GetElapsedTime(start);
        await AtRestAsync(events);
        return events / elapsed.TotalSeconds;
    }

    public async Task PublishAsync(int events) =>
        (await Publisher.PostAsync("/internal/measured/events", new { count = events })).Dispose();

    public void Clear()
    {
        foreach (var app in new[] { AppIds.Devices, AppIds.Apps })
            Servers.Run(app, "TRUNCATE outbox, inbox, notes", c => c.ExecuteNonQuery());
    }

    public Task UntilHandledAsync(int events) => Wait.UntilAsync($"{events} events",
        () => Servers.Run(AppIds.Apps, "SELECT count(*) FROM notes", Count) >= events, 180);

    /// <summary>A figure counts only if nothing was lost and nothing has taken effect twice.</summary>
    public async Task AtRestAsync(int events)
    {
        await Wait.UntilAsync("receipts", () => Servers.Run(
            AppIds.Devices, "SELECT count(*) FROM outbox WHERE confirmed_at IS NULL", Count) == 0, 60);
        var (all, different) = (Servers.Run(AppIds.Apps, "SELECT count(*) FROM notes", Count),
            Servers.Run(AppIds.Apps, "SELECT count(DISTINCT user_id) FROM notes", Count));
        if ((all, different) != (events, events))
            throw new InvalidOperationException($"{events} events had {all} effects of {different} events.");
    }

    /// <summary>From when each event was added to its transaction to the commit of its handler.</summary>
    public IReadOnlyList<TimeSpan> Latencies()
    {
        var written = Servers.Run(AppIds.Devices,
            "SELECT payload::json->>'deviceId', created_at FROM outbox", Times);
        return Servers.Run(AppIds.Apps, "SELECT user_id::text, pg_xact_commit_timestamp(xmin) FROM notes", Times)
            .Select(handled => handled.Value - written[handled.Key]).ToList();
    }

    static long Count(NpgsqlCommand command) => (long)command.ExecuteScalar()!;

    static Dictionary<string, DateTime> Times(NpgsqlCommand command)
    {
        using var reader = command.ExecuteReader();
        var times = new Dictionary<string, DateTime>();
        while (reader.Read())
            times.Add(reader.GetString(0), reader.GetDateTime(1));
        return times;
    }

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync();
        await Consumer.DisposeAsync();
        await Servers.DisposeAsync();
    }
}
