using System.Diagnostics;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>
/// Breaks one thing after another while at least 2 000 events are on their way. At the end of each nothing is lost,
/// nothing has taken effect twice, and soon nothing waits any more.
/// </summary>
[Collection(nameof(ChaosRig))]
[Trait("kind", "chaos")]
public sealed class ChaosTests(ChaosRig rig, ITestOutputHelper output)
{
    /// <summary>From the end of the fault to an empty backlog.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    public const int InFlight = 2_000;
    /// <summary>Come after the fault has begun.</summary>
    const int More = 500;

    /// <summary>A trait runs one alone: <c>-trait "fault=broker killed"</c>.</summary>
    public static IEnumerable<TheoryDataRow<string>> All =>
        Faults.All.Keys.Select(name => new TheoryDataRow<string>(name).WithTrait("fault", name));

    [Theory]
    [MemberData(nameof(All))]
    public async Task No_event_is_lost_or_doubled_and_the_backlog_is_soon_empty(string fault)
    {
        if (ChaosRig.Missing is { } reason)
            Assert.Skip(reason);
        var rows = new List<FaultRow>();
        for (var i = 0; i < ChaosForm.Repetitions; i++)
            rows.Add(await BreakAsync(Faults.All[fault]()));
        Assert.All(rows, row => Assert.Equal((0, 0, null), (row.Lost, row.Doubled, row.Backlog)));
        // times mean something on a machine that does nothing else, which only the long form asks for
        if (ChaosForm.IsFull)
            Assert.All(rows, row => Assert.True(row.Recovery < Limit, $"{row}"));
    }

    async Task<FaultRow> BreakAsync(Fault fault)
    {
        rig.Ledger.Clear();
        if (fault.IsFromTheStart)
            await fault.BeginAsync(rig);
        var load = EventLoad.Start(rig.Publisher, fault.IsPoisoned);
        await Wait.UntilAsync($"{InFlight} events in flight", () => rig.Ledger.InFlight() >= InFlight, 60);
        var inFlight = rig.Ledger.InFlight();
        load.EndAfter(More);
        if (fault.IsFromTheStart)
            await load.CompleteAsync();
        else
            await fault.BeginAsync(rig);
        await fault.LastAsync(rig);
        await fault.EndAsync(rig);
        var watch = Stopwatch.StartNew();
        await load.CompleteAsync();
        var backlog = await UntilEmptyAsync(fault);
        var recovery = watch.Elapsed;
        await fault.CheckAsync(rig);
        var row = Judge(fault, load, inFlight, recovery, backlog);
        output.WriteLine($"{row}");
        Console.WriteLine($"MEASURED {row}");
        return row;
    }

    /// <summary>Where that takes too long the row tells what was lost, and the output why.</summary>
    async Task<string?> UntilEmptyAsync(Fault fault)
    {
        string? backlog = null;
        try
        {
            await Wait.UntilAsync("an empty backlog",
                async () => (backlog = await rig.Ledger.BacklogAsync()) is null, 120, 0.1);
        }
        catch (TimeoutException)
        {
            output.WriteLine($"{fault.Name}: {backlog}\n{rig.Publisher.Log}\n---- consumer\n{rig.Consumer.Log}");
        }
        return backlog;
    }

    FaultRow Judge(Fault fault, EventLoad load, long inFlight, TimeSpan recovery, string? backlog)
    {
        var (committed, noted) = (rig.Ledger.Committed(), rig.Ledger.Noted());
        var effects = noted.ToHashSet();
        var lost = committed.Union(load.Acknowledged).Count(name => !effects.Contains(name));
        return new(fault.Name, committed.Count, inFlight, lost, noted.Count - effects.Count, rig.Ledger.SentAgain(),
            recovery, backlog);
    }
}

/// <summary>In short for every run; CLOUDPHONE_CHAOS=full is what <c>tests/run.sh --chaos</c> asks for.</summary>
static class ChaosForm
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("CLOUDPHONE_CHAOS") == "full";

    public static int Repetitions => IsFull ? 3 : 1;
}
