using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>
/// Two services on servers of their own. One publishes; the other keeps a note of each event and answers it with one
/// event of its own.
/// </summary>
public sealed class ChaosRig : IAsyncLifetime
{
    internal RealServers Servers { get; private set; } = null!;
    internal ServicePair Publisher { get; private set; } = null!;
    internal ServicePair Consumer { get; private set; } = null!;
    internal Ledger Ledger { get; private set; } = null!;

    /// <summary>Why there can be none on this machine.</summary>
    internal static string? Missing =>
        RabbitMqServer.Missing ?? PostgresServer.Missing ?? RedisServer.Missing ?? ConsulServer.Missing;

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        Servers = await RealServers.StartAsync();
        Ledger = new(Servers);
        (Publisher, Consumer) = (new(AppIds.Devices, Servers), new(AppIds.Apps, Servers));
        await Servers.KeepQueuesOfAsync(AppIds.Devices, AppIds.Apps);
        await Task.WhenAll(StartPublisherAsync(), Consumer.StartServiceAsync());
        await Task.WhenAll(Publisher.StartSidecarAsync(), Consumer.StartSidecarAsync());
        await WarmUpAsync();
        Console.WriteLine($"MEASURED {FaultRow.Head}");
    }

    /// <summary>With the address that it calls where the sidecar can't resolve the consumer's name.</summary>
    internal Task StartPublisherAsync() => Publisher.StartServiceAsync(
        (SiblingAddresses.Setting(AppIds.Apps), Consumer.Address.ToString()));

    /// <summary>Else the first fault would be measured on code that is still being compiled.</summary>
    async Task WarmUpAsync()
    {
        var load = EventLoad.Start(Publisher, isPoisoned: false);
        load.EndAfter(500);
        await load.CompleteAsync();
        await Wait.UntilAsync("the first events", async () => await Ledger.BacklogAsync() is null, 60, 0.1);
    }

    public async ValueTask DisposeAsync()
    {
        if (Servers is null)
            return;
        await Publisher.DisposeAsync();
        await Consumer.DisposeAsync();
        await Servers.DisposeAsync();
    }
}

/// <summary>It has a machine for itself, as its times mean nothing otherwise.</summary>
[CollectionDefinition(nameof(ChaosRig), DisableParallelization = true)]
public sealed class ChaosCollection : ICollectionFixture<ChaosRig>;
