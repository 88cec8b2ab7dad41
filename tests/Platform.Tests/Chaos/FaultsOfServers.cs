using CloudPhone.SampleService;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>The server keeps nothing: killed and started it is empty.</summary>
sealed class RedisFlushed : Fault
{
    public override string Name => "Redis flushed and restarted";

    public override async Task BeginAsync(ChaosRig rig)
    {
        await rig.Servers.Redis.StopAsync();
        Assert.False(await rig.Publisher.SaveStateAsync("while away"));
    }

    public override Task EndAsync(ChaosRig rig) => rig.Servers.Redis.StartAgainAsync();

    public override Task CheckAsync(ChaosRig rig) =>
        Wait.UntilAsync("state to be written again", () => rig.Publisher.SaveStateAsync("after"), 10);
}

/// <summary>
/// Calls go on with what the sidecar knows, one that starts meanwhile says that it knows nothing and the service calls
/// the configured address, and afterwards names are resolved again.
/// </summary>
sealed class ConsulDown : Fault
{
    const int Calls = 20;
    readonly List<string> _made = [];

    public override string Name => "Consul down";

    public override async Task BeginAsync(ChaosRig rig)
    {
        await CallAsync(rig, "before");
        await rig.Servers.Consul.StopAsync();
        await CallAsync(rig, "known");
        await rig.Publisher.KillSidecarAsync();
        await rig.Publisher.StartSidecarAsync();
        await CallAsync(rig, "unknown");
    }

    public override Task EndAsync(ChaosRig rig) => rig.Servers.Consul.StartAgainAsync();

    public override async Task CheckAsync(ChaosRig rig)
    {
        await rig.Servers.Consul.WaitForAsync(rig.Publisher.AppId, 1);
        await CallAsync(rig, "again");
        var noted = rig.Ledger.Noted().Where(_made.Contains);
        Assert.Equal(_made.Order(), noted.Order());
    }

    async Task CallAsync(ChaosRig rig, string when)
    {
        string[] calls = [.. Enumerable.Range(0, Calls).Select(i => $"call {i} {when}")];
        _made.AddRange(calls);
        await Task.WhenAll(calls.Select(async call =>
            (await rig.Publisher.PostAsync("/internal/load/calls", new SiblingNote(call))).Dispose()));
    }
}

/// <summary>Somebody stands between the broker's exchange and the queues.</summary>
class Detoured(string name, Func<RabbitMqServer, string[], Task<Detour>> open) : Fault
{
    Detour? _detour;

    public override string Name => name;

    public override bool IsFromTheStart => true;

    public override async Task BeginAsync(ChaosRig rig) =>
        _detour = await open(rig.Servers.Rabbit, [Ledger.Queue(rig.Publisher), Ledger.Queue(rig.Consumer)]);

    public override async Task EndAsync(ChaosRig rig)
    {
        // some are still in the outbox where the relay is slow; enough are to take the detour
        if (_detour!.IsPassing)
            await Wait.UntilAsync("the messages to come by", () => _detour.Passed >= ChaosTests.InFlight, 120);
        await _detour.DisposeAsync();
    }

    /// <summary>Each event came by on its way to the consumer and on its way back.</summary>
    public override Task CheckAsync(ChaosRig rig)
    {
        Assert.True(_detour!.Passed >= ChaosTests.InFlight, $"only {_detour.Passed} messages came by");
        return Task.CompletedTask;
    }
}

/// <summary>The sidecar has said yes to each event, and no queue has any.</summary>
sealed class AcknowledgedAndLost()
    : Detoured("RabbitMQ loses acknowledged publishes", (rabbit, queues) => Detour.LosingAsync(rabbit, queues))
{
    public override async Task LastAsync(ChaosRig rig)
    {
        await Wait.UntilAsync("all to be sent", () => rig.Ledger.Unsent() == 0);
        Assert.Empty(rig.Ledger.Noted());
    }

    public override Task CheckAsync(ChaosRig rig)
    {
        Assert.True(rig.Ledger.SentAgain() >= ChaosTests.InFlight);
        return Task.CompletedTask;
    }
}
