using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What must be true of all that ever happened, whoever did what meanwhile.</summary>
static class TraceRules
{
    /// <summary>Waits until no rule is broken: what is still on its way arrives.</summary>
    /// <exception cref="TimeoutException">Some still are; the message says which.</exception>
    public static async Task UntilHoldAsync(RunningPlatform platform, double seconds = 60)
    {
        IReadOnlyList<string> broken = [];
        try
        {
            await Wait.UntilAsync("the rules to hold",
                () => (broken = [.. Broken(Traces.Read(platform))]).Count == 0, seconds, every: 0.5);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; broken are:\n{string.Join('\n', broken.Take(40))}", e);
        }
    }

    public static IEnumerable<string> Broken(Traces traces) =>
        [.. Oversold(traces), .. OverLimit(traces), .. Order(traces), .. Dangling(traces), .. Vanished(traces),
            .. Unhandled(traces)];

    /// <summary>
    /// I2: no phone was ever placed where there was no room. One that was confirmed late may be more than fits: it
    /// exists.
    /// </summary>
    static IEnumerable<string> Oversold(Traces traces)
    {
        var capacity = traces.Nodes.ToDictionary(n => n.Id, n => n.Capacity);
        foreach (var room in traces.Rooms.Where(r => r.Action == "Placed"))
            if (!capacity.TryGetValue(room.NodeId, out var has))
                yield return $"device {room.DeviceId} was placed on the node {room.NodeId}, which is not there";
            else if (!room.Used.FitsIn(has))
                yield return $"with device {room.DeviceId} the node {room.NodeId} has {room.Used} of {has} in use";
    }

    /// <summary>I4: a user never had more than the quota allows. A phone counts from its first run to its
    /// end.</summary>
    static IEnumerable<string> OverLimit(Traces traces)
    {
        var moves = traces.Moves.ToLookup(m => m.DeviceId);
        var devices = traces.Devices.ToLookup(d => d.UserId);
        foreach (var (user, limit) in traces.Limits)
        {
            var held = new Amount(0, 0, 0);
            var changes = devices[user].SelectMany(d => Changes(d, moves[d.DeviceId])).OrderBy(c => c.At)
                .ThenBy(c => c.More.Devices);
            foreach (var (_, more) in changes)
            {
                held = held.Plus(more);
                if (held.FitsIn(limit))
                    continue;
                yield return $"user {user} had {held} of {limit}";
                break;
            }
        }
    }

    static IEnumerable<(DateTimeOffset At, Amount More)> Changes(OwnedRow device, IEnumerable<MoveRow> moves)
    {
        var own = moves.OrderBy(m => m.Version).ToList();
        if (own.Find(m => m.To == "Running") is not { } first)
            yield break;
        yield return (first.At, device.Size);
        if (own.Find(m => m.To is null or "Failed") is { } end)
            yield return (end.At, device.Size.Negated());
    }

    /// <summary>
    /// I7: a phone's changes follow each other, and billing, whose facts are of them, has heard of none that was not.
    /// </summary>
    static IEnumerable<string> Order(Traces traces)
    {
        var moves = traces.Moves.ToLookup(m => m.DeviceId);
        foreach (var device in moves)
        {
            MoveRow? before = null;
            foreach (var move in device.OrderBy(m => m.Version))
            {
                if (before is null ? move.From is not null : move.From != before.To || move.Version == before.Version)
                    yield return $"after {before?.ToString() ?? "nothing"} came {move}";
                before = move;
            }
        }
        foreach (var fact in traces.Facts.Where(f => !moves[f.DeviceId].Any(f.IsOf)))
            yield return $"billing has heard of the change {fact.Version} ({fact.Kind}) of device {fact.DeviceId}, "
                + "which was none; it had "
                + string.Join(", ", moves[fact.DeviceId].OrderBy(m => m.Version).Select(m => $"{m.Version} {m.To}"));
    }

    /// <summary>I9: what names something of another service names something that is, or was, there.</summary>
    static IEnumerable<string> Dangling(Traces traces)
    {
        var known = traces.Known.ToDictionary(k => k.Key, k => k.ToHashSet());
        return traces.References.Where(r => !known.GetValueOrDefault(r.Names, []).Contains(r.Named))
            .Select(r => $"{r.What} {r.Id} names the {r.Names} {r.Named}, which is not there");
    }

    /// <summary>I11: what failed is told by the service that it failed in. That those who are to know have heard of it
    /// is I12.</summary>
    static IEnumerable<string> Vanished(Traces traces) =>
        from abort in traces.Aborts
        let told = traces.Told[abort.Event].Count(id => id == abort.Id)
        where told < abort.Times
        select $"{abort.What} {abort.Id} failed {abort.Times} times, and {abort.Event} tells of {told}";

    /// <summary>
    /// I12: each service has handled each event that it has a handler for. That none was handled twice is what its
    /// key in the inbox is for.
    /// </summary>
    static IEnumerable<string> Unhandled(Traces traces) =>
        from sender in traces.Events
        from sent in sender.Sent
        from service in traces.Events
        where service.Handles.Contains(sent.Value) && !service.Handled.Contains(sent.Key)
        select $"{service.AppId} has not handled the {sent.Value} {sent.Key} of {sender.AppId}";
}
