namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>All faults, by the words that name their tests.</summary>
static class Faults
{
    static readonly TimeSpan Stopped = ChaosForm.IsFull ? TimeSpan.FromSeconds(60) : TimeSpan.FromSeconds(5);
    static readonly TimeSpan Frozen = ChaosForm.IsFull ? TimeSpan.FromSeconds(20) : TimeSpan.FromSeconds(5);

    public static readonly IReadOnlyDictionary<string, Func<Fault>> All = new Dictionary<string, Func<Fault>>
    {
        ["publisher killed"] = () => new PublisherKilled(),
        ["consumer killed"] = () => new SimpleFault("SIGKILL of the consuming service",
            r => r.Consumer.KillServiceAsync(), r => r.Consumer.StartServiceAsync()),
        ["publisher's sidecar killed"] = () => new SimpleFault("SIGKILL of the publisher's sidecar",
            r => r.Publisher.KillSidecarAsync(), r => r.Publisher.StartSidecarAsync()),
        ["consumer's sidecar killed"] = () => new SimpleFault("SIGKILL of the consumer's sidecar",
            r => r.Consumer.KillSidecarAsync(), r => r.Consumer.StartSidecarAsync()),
        ["broker killed"] = () => new SimpleFault("SIGKILL of RabbitMQ, and start",
            r => r.Servers.Rabbit.KillAsync(), r => r.Servers.Rabbit.StartAgainAsync()),
        ["broker stopped"] = () => new SimpleFault("RabbitMQ stopped",
            r => r.Servers.Rabbit.StopAsync(), r => r.Servers.Rabbit.StartAgainAsync(), Stopped),
        ["broker frozen"] = () => new SimpleFault("RabbitMQ frozen (SIGSTOP)",
            r => r.Servers.Rabbit.FreezeAsync(), r => r.Servers.Rabbit.ThawAsync(), Frozen),
        ["database restarted"] = () => new SimpleFault("PostgreSQL restarted",
            r => r.Servers.Postgres.StopAsync(), r => r.Servers.Postgres.StartAgainAsync()),
        ["Redis flushed"] = () => new RedisFlushed(),
        ["Consul down"] = () => new ConsulDown(),
        ["doubled"] = () => new Detoured(
            "every delivery doubled", (rabbit, queues) => Detour.DoublingAsync(rabbit, queues)),
        ["shuffled"] = () => new Detoured(
            "order shuffled in groups of 200", (rabbit, queues) => Detour.ShufflingAsync(rabbit, queues, 200)),
        ["acknowledged and lost"] = () => new AcknowledgedAndLost(),
        ["poison"] = () => new Poisoned(),
    };
}
