using CloudPhone.Billing.Rates;

namespace CloudPhone.Billing.Metering;

/// <summary>
/// Makes usage records of a device's facts. It is a function of the facts alone: no clock, no order of arrival.
/// </summary>
static class Runs
{
    /// <param name="facts">By version.</param>
    /// <param name="nextStart">When the run after these facts began: the last of theirs ended then at the
    /// latest.</param>
    public static List<UsageRecord> Of(
        IEnumerable<DeviceFact> facts, DateTimeOffset? nextStart, IReadOnlyList<Rate> rates)
    {
        var runs = new List<UsageRecord>();
        var size = new Size(0, 0, 0);
        var last = DateTimeOffset.MinValue;
        foreach (var fact in facts)
        {
            size = new(
                fact.CpuCores ?? size.Cores, fact.MemoryGB ?? size.MemoryGB, fact.StorageGB ?? size.StorageGB);
            // versions decide the order; a clock that stepped back must not make negative time within a run
            var at = fact.At > last || fact.Kind == FactKind.Started ? fact.At : last;
            var run = runs is [.., { Status: not UsageStatus.Closed } open] ? open : null;
            switch (fact.Kind)
            {
                case FactKind.Created when run is null:
                    runs.Add(NewRun(fact, at));
                    break;
                case FactKind.Recovered when run?.Status == UsageStatus.Paused:
                    Resume(run, at);
                    break;
                case FactKind.Started or FactKind.Recovered:
                    if (run?.StartedAt is not null && fact.Kind == FactKind.Recovered)
                        break;
                    if (run?.StartedAt is not null)
                        Close(run, at > last ? at : last); // its stop is still under way
                    if (run?.StartedAt is not null || run is null)
                        runs.Add(run = NewRun(fact, at));
                    Start(run, fact, at, size, rates);
                    break;
                case FactKind.Error when run is { StartedAt: not null, Status: UsageStatus.Open }:
                    (run.Status, run.PausedAt) = (UsageStatus.Paused, at);
                    break;
                case FactKind.Stopped or FactKind.Failed or FactKind.Deleted when run is not null:
                    Close(run, at);
                    break;
            }
            last = at;
        }
        if (nextStart is { } next && runs is [.., { Status: not UsageStatus.Closed } unfinished])
            Close(unfinished, next > last ? next : last);
        return runs;
    }

    static UsageRecord NewRun(DeviceFact fact, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at), DeviceId = fact.DeviceId, UserId = fact.UserId, FromVersion = fact.Version,
    };

    static void Start(
        UsageRecord run, DeviceFact fact, DateTimeOffset at, Size size, IReadOnlyList<Rate> rates)
    {
        (run.FromVersion, run.StartedAt) = (fact.Version, at);
        (run.CpuCores, run.MemoryGB, run.StorageGB) = (size.Cores, size.MemoryGB, size.StorageGB);
        run.PricePerHour = Rate.ValidAt(rates, at).PerHour(size.Cores, size.MemoryGB, size.StorageGB);
    }

    static void Resume(UsageRecord run, DateTimeOffset at)
    {
        if (run.PausedAt is { } since)
            run.PausedMs += (long)(at - since).TotalMilliseconds;
        (run.Status, run.PausedAt) = (UsageStatus.Open, null);
    }

    static void Close(UsageRecord run, DateTimeOffset at)
    {
        Resume(run, at);
        (run.Status, run.StoppedAt) = (UsageStatus.Closed, at);
    }

    readonly record struct Size(int Cores, int MemoryGB, int StorageGB);
}
