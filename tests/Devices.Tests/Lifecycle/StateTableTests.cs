using CloudPhone.Devices.Lifecycle;
using static CloudPhone.Devices.Lifecycle.DeviceStatus;

namespace CloudPhone.Devices.Tests.Lifecycle;

public sealed class StateTableTests
{
    /// <summary>The whole table, written a second time: a row for each state, a column for each trigger, <c>-</c> for what is refused.</summary>
    const string Expected = """
                    Start     Stop      Restart   Delete    CreationFailed Booted  BootTimedOut Stopped Crashed Recover    GiveUp Removed
        Creating    -         -         -         Deleting  Deleting       Running Deleting     -       -       -          -      -
        Starting    -         Stopping  -         Deleting  -              Running Error        -       Error   -          -      -
        Running     -         Stopping  Stopping  Deleting  -              -       -            -       Error   -          -      -
        Stopping    -         -         -         Deleting  -              -       -            Stopped -       -          -      -
        Stopped     Starting  -         -         Deleting  -              -       -            -       -       -          -      -
        Recovering  -         Stopping  -         Deleting  -              Running Error        -       Error   -          -      -
        Error       -         Stopping  -         Deleting  -              -       -            -       -       Recovering Failed -
        Failed      Starting  -         -         Deleting  -              -       -            -       -       -          -      -
        Deleting    -         -         -         -         -              -       -            -       -       -          -      gone
        """;

    [Fact]
    public void Every_state_with_every_trigger_is_as_written()
    {
        var rows = Expected.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var triggers = rows[0].Select(Enum.Parse<Trigger>).ToList();
        Assert.Equal(Enum.GetValues<Trigger>(), triggers);
        Assert.Equal(Enum.GetValues<DeviceStatus>(), rows.Skip(1).Select(r => Enum.Parse<DeviceStatus>(r[0])));
        foreach (var row in rows.Skip(1))
            for (var i = 0; i < triggers.Count; i++)
            {
                var from = Enum.Parse<DeviceStatus>(row[0]);
                var actual = !StateTable.Transitions.TryGetValue((from, triggers[i]), out var to) ? "-" : to?.ToString() ?? "gone";
                Assert.True(row[i + 1] == actual, $"{from} on {triggers[i]}: {actual}");
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
