using CloudPhone.Devices.Lifecycle;
using static CloudPhone.Devices.Lifecycle.DeviceStatus;

namespace CloudPhone.Devices.Tests.Lifecycle;

public sealed class StateTableTests
{
    /// <summary>The whole table, written a second time: a row for each trigger, a column for each state,
    /// <c>-</c> for what is refused.</summary>
    const string Expected = """
                       Creating Starting Running  Stopping Stopped  Recovering Error      Failed   Deleting
        Start          -        -        -        -        Starting -          -          Starting -
        Stop           -        Stopping Stopping -        -        Stopping   Stopping   -        -
        Restart        -        -        Stopping -        -        -          -          -        -
        Delete         Deleting Deleting Deleting Deleting Deleting Deleting   Deleting   Deleting -
        CreationFailed Deleting -        -        -        -        -          -          -        -
        Booted         Running  Running  -        -        -        Running    -          -        -
        BootTimedOut   Deleting Error    -        -        -        Error      -          -        -
        Stopped        -        -        -        Stopped  -        -          -          -        -
        Crashed        -        Error    Error    -        -        Error      -          -        -
        Recover        -        -        -        -        -        -          Recovering -        -
        GiveUp         -        -        -        -        -        -          Failed     -        -
        Removed        -        -        -        -        -        -          -          -        gone
        Planned        -        -        -        -        -        -          -          -        -
        """;

    [Fact]
    public void Every_state_with_every_trigger_is_as_written()
    {
        var rows = Expected.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var states = rows[0].Select(Enum.Parse<DeviceStatus>).ToList();
        Assert.Equal(Enum.GetValues<DeviceStatus>().ToHashSet(), states.ToHashSet());
        Assert.Equal(Enum.GetValues<Trigger>(), rows.Skip(1).Select(r => Enum.Parse<Trigger>(r[0])));
        foreach (var row in rows.Skip(1))
            for (var i = 0; i < states.Count; i++)
            {
                var key = (states[i], Enum.Parse<Trigger>(row[0]));
                var actual = !StateTable.Transitions.TryGetValue(key, out var to) ? "-" : to?.ToString() ?? "gone";
                Assert.True(row[i + 1] == actual, $"{key}: {actual}");
            }
    }

    [Fact]
    public void Every_state_can_be_reached_and_left()
    {
        var reached = new HashSet<DeviceStatus> { Creating };
        while (StateTable.Transitions.Any(t => reached.Contains(t.Key.From) && t.Value is { } to && reached.Add(to)))
        {
        }
        Assert.Equal(Enum.GetValues<DeviceStatus>().ToHashSet(), reached);
        foreach (var state in Enum.GetValues<DeviceStatus>())
            Assert.True(state == Deleting || StateTable.Allows(state, Trigger.Delete), $"{state} can't be deleted");
    }
}
