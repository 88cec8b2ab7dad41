using System.Text.Json;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>The rules find what they are for: books that are right but for one thing.</summary>
public sealed class RulesTests
{
    static readonly Guid User = Guid.CreateVersion7(), Device = Guid.CreateVersion7(), Node = Guid.CreateVersion7();
    static readonly DeviceRow Phone = new(Device, User, "a phone", "running", 2, 4);
    static readonly PlacementRow Placed = new(Device, Node, 2, 4, "confirmed");
    static readonly PlacementRow Orphan = new(Guid.Empty, Node, 2, 4, "confirmed");
    static readonly UsageRow Metered = new(Device, User, "open", DateTimeOffset.UnixEpoch);

    static readonly Books Right = new(
        [Phone], [Placed], [new(Node, "a node", new(2, 4, 1))], [Metered],
        new Dictionary<Guid, QuotaRow> { [User] = new(1, 2, 4) },
        new Dictionary<Guid, AccountRow> { [User] = new(0, []) },
        new Dictionary<Guid, IReadOnlyList<NotificationRow>>
        {
            [User] = [Told("device.created"), Told("device.started")],
        },
        new[] { 1 }.ToLookup(_ => Device), [], []);

    static NotificationRow Told(string type) => new(type, JsonSerializer.SerializeToElement(new { deviceId = Device }));

    static Books With(params NotificationRow[] told) => Right with
    {
        Notifications = new Dictionary<Guid, IReadOnlyList<NotificationRow>> { [User] = told },
    };

    static readonly Dictionary<string, (Books Books, string Wrong)> Broken = new()
    {
        ["a phone hangs"] = (Right with { Devices = [Phone, Phone with { Id = Guid.Empty, Status = "creating" }] },
            "is creating"),
        ["the quota counts more"] = (Right with
        {
            Quotas = new Dictionary<Guid, QuotaRow> { [User] = new(2, 2, 4) },
        }, "the quota of"),
        ["a quota is not given back"] = (Right with { KeptQuotas = [(Guid.Empty, new(1, 1, 1))] },
            $"the quota of {Guid.Empty}"),
        ["no placement"] = (Right with { Placements = [], Nodes = [] }, "has the placements []"),
        ["two placements"] = (Right with { Placements = [Placed, Placed], Nodes = [] }, "has the placements"),
        ["a placement of nothing"] = (Right with { Nodes = [], Placements = [Placed, Orphan] },
            "which does not run: confirmed"),
        ["a node counts more"] = (Right with { Nodes = [new(Node, "a node", new(2, 4, 2))] }, "node a node counts"),
        ["held room is not counted"] = (Right with { Held = [new(Node, 1, 1)] }, "node a node counts"),
        ["nothing is metered"] = (Right with { Usage = [] }, "has the usage records []"),
        ["metered twice"] = (Right with { Usage = [Metered, Metered] }, "has the usage records"),
        ["metered for another"] = (Right with { Usage = [Metered with { UserId = Guid.Empty }] }, "the usage records"),
        ["told twice"] = (With(Told("device.created"), Told("device.started"), Told("device.started")),
            "2 notifications device.started"),
        ["not told"] = (With(Told("device.created")), "0 notifications device.started"),
        ["no process"] = (Right with { Processes = Array.Empty<int>().ToLookup(_ => Device) }, "has 0 processes"),
        ["a process of nothing"] = (Right with
        {
            Processes = new[] { 1, 2 }.ToLookup(p => p == 1 ? Device : Guid.Empty),
        }, "a process of"),
        ["money from nowhere"] = (Right with
        {
            Accounts = new Dictionary<Guid, AccountRow> { [User] = new(1, []) },
        }, "the balance of"),
        ["an event on its way"] = (Right with { Pending = ["1 event waits"] }, "1 event waits"),
    };

    public static TheoryData<string> Names => [.. Broken.Keys];

    [Fact]
    public void Books_that_are_right_break_no_rule() => Assert.Empty(Rules.Broken(Right));

    [Fact]
    public void A_node_counts_what_it_holds_for_reservations()
    {
        var held = Right with
        {
            Nodes = [new(Node, "a node", new(3, 5, 2))],
            Held = [new(Node, 1, 1), new(Guid.CreateVersion7(), 1, 1)],
        };
        Assert.Empty(Rules.Broken(held));
    }

    /// <summary>Whose phones these are nobody asked.</summary>
    [Fact]
    public void Phones_of_users_that_are_not_looked_at_need_no_usage()
    {
        var others = Right with
        {
            Usage = [],
            Quotas = new Dictionary<Guid, QuotaRow>(),
            Accounts = new Dictionary<Guid, AccountRow>(),
            Notifications = new Dictionary<Guid, IReadOnlyList<NotificationRow>>(),
        };
        Assert.Empty(Rules.Broken(others));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_wrong_is_said(string name)
    {
        var (books, wrong) = Broken[name];
        Assert.Contains(Rules.Broken(books), b => b.Contains(wrong, StringComparison.Ordinal));
    }
}
