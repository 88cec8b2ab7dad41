using System.Net.Http.Json;
using CloudPhone.SampleService;
using CloudPhone.Shared.Messaging;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>Dies with events in its database that it has not sent.</summary>
sealed class PublisherKilled : Fault
{
    public override string Name => "SIGKILL of a service between commit and publish";

    public override async Task BeginAsync(ChaosRig rig)
    {
        await Wait.UntilAsync("unsent events", () => rig.Ledger.Unsent() > 0, every: 0);
        await rig.Publisher.KillServiceAsync();
        Assert.NotEqual(0, rig.Ledger.Unsent());
    }

    public override Task EndAsync(ChaosRig rig) => rig.StartPublisherAsync();
}

/// <summary>The poison alone ends in the dead letters, after its retries; once cured it is replayed.</summary>
sealed class Poisoned : Fault
{
    /// <summary>
    /// One more than the retries of the policy <c>event</c>. They begin anew where the service was ill meanwhile, as a
    /// busy machine may have it.
    /// </summary>
    const int Tries = 21;

    public override string Name => "one poison event in 1 000, then its cure";

    public override bool IsFromTheStart => true;

    public override bool IsPoisoned => true;

    public override Task BeginAsync(ChaosRig rig) => Task.CompletedTask;

    public override async Task LastAsync(ChaosRig rig)
    {
        var poison = rig.Ledger.Committed().Count(IsPoison);
        Assert.NotEqual(0, poison); // the load is complete
        await Wait.UntilAsync("all but the poison to be handled", () =>
            rig.Ledger.InFlight() == poison && rig.Ledger.DeadLetters().Count == poison, 240, 0.1);
        Assert.DoesNotContain(rig.Ledger.Noted(), IsPoison);
        Assert.All(rig.Ledger.DeadLetters(), letter =>
        {
            Assert.Contains("the handler broke", letter.Error, StringComparison.Ordinal);
            Assert.InRange(rig.Consumer.Log.Split(
                $"device.created {letter.EventId} failed", StringSplitOptions.None).Length - 1,
                Tries, 2 * Tries);
        });
    }

    public override async Task EndAsync(ChaosRig rig)
    {
        (await rig.Consumer.PostAsync("/internal/load/cure")).Dispose();
        foreach (var (id, _, _) in rig.Ledger.DeadLetters())
        {
            using var answer = await rig.Consumer.PostAsync(
                "/internal/dead-letters/replay", new ReplayRequest(id));
            Assert.Equal(new ReplayResult("replayed"), await answer.ReadFromJsonAsync<ReplayResult>());
        }
    }

    /// <summary>The next one is as ill as this one was.</summary>
    public override async Task CheckAsync(ChaosRig rig)
    {
        await rig.Consumer.KillServiceAsync();
        await rig.Consumer.StartServiceAsync();
    }

    static bool IsPoison(string name) => name.EndsWith(Poison.Name, StringComparison.Ordinal);
}
