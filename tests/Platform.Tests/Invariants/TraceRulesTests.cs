namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>The rules find what they are for: traces that are right but for one thing.</summary>
public sealed class TraceRulesTests
{
    static readonly Guid User = Guid.CreateVersion7(), Node = Guid.CreateVersion7(), Event = Guid.CreateVersion7();
    static readonly Guid Phone = Guid.CreateVersion7(), Second = Guid.CreateVersion7();
    static readonly Amount Small = new(1, 2, 1), Full = new(2, 4, 2);
    static readonly ServiceEvents Handler = new("billing-service", new Dictionary<Guid, string>(),
        new HashSet<Guid> { Event }, new HashSet<string> { "device.started" });

    static MoveRow Move(Guid device, string? from, string? to, int second, long version) =>
        new(device, from, to, DateTimeOffset.UnixEpoch.AddSeconds(second), version);

    static readonly MoveRow[] Life =
    [
        Move(Phone, null, "Creating", 0, 1), Move(Phone, "Creating", "Running", 1, 3),
        Move(Phone, "Running", "Deleting", 9, 5), Move(Phone, "Deleting", null, 10, 6),
    ];

    static readonly MoveRow[] Healed =
    [
        Move(Phone, null, "Starting", 0, 1), Move(Phone, "Starting", "Error", 1, 2),
        Move(Phone, "Error", "Recovering", 2, 3), Move(Phone, "Recovering", "Running", 3, 6),
    ];

    /// <summary>Two phones of one user, one after the other's start, which fill the quota and the node.</summary>
    static readonly Traces Right = new(
        [new(Phone, Node, "Placed", Small), new(Second, Node, "Placed", Full)], [new(Node, Full)],
        [.. Life, Move(Second, null, "Creating", 2, 1), Move(Second, "Creating", "Running", 3, 2)],
        [new(Phone, User, Small), new(Second, User, Small)], [new(User, Full)],
        [new(Phone, 3, "Started"), new(Second, 2, "Started")],
        [new("device", Phone, "user", User)], new[] { User }.ToLookup(_ => "user"),
        [new("device-service", new Dictionary<Guid, string> { [Event] = "device.started" }, new HashSet<Guid>(),
            new HashSet<string>()), Handler],
        [new("device", Phone, "device.error", 2)], new[] { Phone, Phone }.ToLookup(_ => "device.error"));

    static readonly Dictionary<string, (Traces Traces, string Wrong)> Broken = new()
    {
        ["oversold"] = (Right with { Nodes = [new(Node, Small)] }, "in use"),
        ["placed on nothing"] = (Right with { Nodes = [] }, "which is not there"),
        ["over the limit while both ran"] = (Right with { Limits = [new(User, Small)] }, "had"),
        ["a change from another state"] = (Right with
        {
            Moves = [.. Life, Move(Second, null, "Creating", 2, 1), Move(Second, "Stopped", "Running", 3, 2)],
        }, "after MoveRow"),
        ["a life without a beginning"] = (Right with
        {
            Moves = [.. Life, Move(Second, "Creating", "Running", 3, 2)],
        }, "after nothing came"),
        ["two changes of one version"] = (Right with
        {
            Moves = [.. Life, Move(Second, null, "Creating", 2, 2), Move(Second, "Creating", "Running", 3, 2)],
        }, "after MoveRow"),
        ["a fact that was none"] = (Right with { Facts = [new(Second, 9, "Started")] },
            "billing has heard of the change 9"),
        ["one told before a change that tells of one event"] = (Right with { Facts = [new(Phone, 2, "Started")] },
            "billing has heard of the change 2"),
        ["one told before a recovery that is no start"] = (Right with
        {
            Moves = Healed,
            Facts = [new(Phone, 5, "Error")],
        }, "billing has heard of the change 5"),
        ["an owner who is not there"] = (Right with { Known = Array.Empty<Guid>().ToLookup(_ => "user") },
            "names the user"),
        ["a failure that nothing tells of"] = (Right with
        {
            Aborts = [.. Right.Aborts, new("device", Second, "device.failed", 1)],
        }, "and device.failed tells of 0"),
        ["a failure that is told once too few"] = (Right with { Told = new[] { Phone }.ToLookup(_ => "device.error") },
            "failed 2 times, and device.error tells of 1"),
        ["a film of nobody's phone"] = (Right with
        {
            References = [.. Right.References, new("recording", Second, "device", Phone)],
        }, "recording"),
        ["an event that nobody handled"] = (Right with
        {
            Events = [Right.Events[0], Handler with { Handled = new HashSet<Guid>() }],
        }, "has not handled the device.started"),
    };

    public static TheoryData<string> Names => [.. Broken.Keys];

    [Fact]
    public void Traces_that_are_right_break_no_rule() => Assert.Empty(TraceRules.Broken(Right));

    [Fact]
    public void A_phone_that_is_gone_takes_nothing_of_the_quota_any_more() =>
        Assert.Empty(TraceRules.Broken(Right with
        {
            Limits = [new(User, Small)],
            Moves = [.. Life, Move(Second, null, "Creating", 11, 1), Move(Second, "Creating", "Running", 12, 2)],
        }));

    [Fact]
    public void A_start_that_was_healed_is_told_as_two_events() => Assert.Empty(TraceRules.Broken(Right with
    {
        Moves = Healed,
        Facts = [new(Phone, 2, "Error"), new(Phone, 5, "Started"), new(Phone, 6, "Recovered")],
    }));

    [Theory, MemberData(nameof(Names))]
    public void What_is_wrong_is_said(string name)
    {
        var (traces, wrong) = Broken[name];
        var broken = Assert.Single(TraceRules.Broken(traces).DistinctBy(b => b[..5]));
        Assert.Contains(wrong, broken, StringComparison.Ordinal);
    }
}
