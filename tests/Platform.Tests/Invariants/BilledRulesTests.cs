namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>The rules find what they are for: books that are right but for one thing.</summary>
public sealed class BilledRulesTests
{
    static readonly Guid User = Guid.CreateVersion7(), Phone = Guid.CreateVersion7(), Usage = Guid.CreateVersion7();
    static readonly Guid Order = Guid.CreateVersion7(), Payment = Guid.CreateVersion7();
    static readonly Guid Refund = Guid.CreateVersion7(), Charge = Guid.CreateVersion7();
    static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    static readonly LedgerRow[] Entries =
    [
        new(1, 10, 10, "payment", Payment), new(2, -4, 6, "refund", Refund), new(3, -0.01m, 5.99m, "usage", Charge),
    ];

    static MoveRow Move(string? from, string? to, int second, long version) =>
        new(Phone, from, to, Start.AddSeconds(second), version);

    /// <summary>10 were paid, 4 went back, and a phone that ran for 36 s, with 2 s in error, has cost 0.01.</summary>
    static readonly BilledBooks Right = new(
        new Dictionary<Guid, AccountRow> { [User] = new(5.99m, Entries) },
        [new(Usage, Phone, User, "Closed", Start, 36, 0, 1, 36, 0.01m, false)],
        [new(Charge, Usage, Phone, User, 0.01m, 36, Start)], [new(Phone, User, new(2026, 11, 28), 36, 0.01m)],
        [new(Order, "Paid", Payment, 4)], [new(Payment, Order, User, 10, "Succeeded", true)],
        [new(Refund, Order, Payment, User, 4, "Completed", true)],
        [new("INV-202611-000001", User, 10, Payment, null), new("INV-202611-000002", User, -4, Payment, Refund)],
        [new(User, 5.99m, 3)],
        [
            Move(null, "Creating", -1, 1), Move("Creating", "Running", 0, 2), Move("Running", "Error", 20, 3),
            Move("Error", "Recovering", 21, 4), Move("Recovering", "Running", 22, 5),
            Move("Running", "Stopping", 37, 6), Move("Stopping", "Stopped", 38, 7),
        ],
        new Dictionary<Guid, SizeRow> { [Phone] = new(2, 4, 10) },
        [new(DateTimeOffset.UnixEpoch, 0.5m, 0.1m, 0.05m, 0.01m), new(Start.AddHours(1), 2, 2, 2, 2)]);

    static BilledBooks With(params LedgerRow[] entries) => Right with
    {
        Accounts = new Dictionary<Guid, AccountRow> { [User] = new(entries.Sum(e => e.Amount), entries) },
        Told = [new(User, entries.Sum(e => e.Amount), entries.Length)],
    };

    static readonly Dictionary<string, (BilledBooks Books, string Wrong)> Broken = new()
    {
        ["a payment without a credit"] = (With(
            new(1, -4, -4, "refund", Refund), new(2, -0.01m, -4.01m, "usage", Charge)), $"payment {Payment}"),
        ["a debit without a charge"] = (With([.. Entries, new(4, -1, 4.99m, "usage", Usage)]), $"usage {Usage}"),
        ["a credit of another amount"] = (Right with
        {
            Payments = [Right.Payments[0] with { Amount = 11 }],
        }, $"payment {Payment}"),
        ["a plan that was not taken off"] = (Right with
        {
            Payments = [Right.Payments[0] with { AsTopUp = false }],
        }, $"plan {Payment}"),
        ["a hold that was not released"] = (Right with
        {
            Refunds = [Right.Refunds[0] with { Status = "Refused" }],
            Orders = [Right.Orders[0] with { Refunded = 0 }],
        }, $"refund-released {Refund}"),
        ["a refund under way"] = (Right with
        {
            Refunds = [Right.Refunds[0] with { Status = "Held" }],
            Orders = [Right.Orders[0] with { Refunded = 0 }],
        }, "is under way"),
        ["a refund beyond the balance"] = (With(new(1, 3, 3, "adjustment", Usage), new(2, -4, -1, "refund", Refund),
            new(3, -0.01m, -1.01m, "usage", Charge), new(4, 10, 8.99m, "payment", Payment)), "more than the balance"),
        ["a balance that billing does not know"] = (Right with { Told = [new(User, 5.99m, 2)] }, "billing knows"),
        ["an order that nothing has paid"] = (Right with
        {
            Orders = [Right.Orders[0] with { PaymentId = Refund }],
        }, "has the payments"),
        ["money for an order that is open"] = (Right with
        {
            Orders = [Right.Orders[0] with { Status = "Pending" }],
        }, "has the payments"),
        ["more went back than the order says"] = (Right with
        {
            Orders = [Right.Orders[0] with { Refunded = 3 }],
        }, "has the refunds"),
        ["no credit note"] = (Right with { Invoices = [Right.Invoices[0]] }, "no invoice for"),
        ["an invoice too many"] = (Right with
        {
            Invoices = [.. Right.Invoices, new("INV-202611-000003", User, 10, Payment, null)],
        }, "2 invoices for"),
        ["an invoice for nothing"] = (Right with
        {
            Invoices = [.. Right.Invoices, new("INV-202611-000003", User, 10, Order, null)],
        }, "which was not"),
        ["a number that is missing"] = (Right with
        {
            Invoices = [Right.Invoices[0], Right.Invoices[1] with { Number = "INV-202611-000003" }],
        }, "are 1, 3"),
        ["a charge for nothing"] = (Right with { Charges = [Right.Charges[0] with { UsageId = Order }] }, "charges of"),
        ["a run that is not charged to its end"] = (Right with
        {
            Bills = [Right.Bills[0] with { IsDue = true }],
        }, "not charged to its end"),
        ["a run that costs more than was charged"] = (Right with
        {
            Bills = [Right.Bills[0] with { PricePerHour = 2 }],
        }, "not charged to its end"),
        ["a phone whose storage is not charged"] = (Right with
        {
            Sizes = new Dictionary<Guid, SizeRow> { [Phone] = new(2, 4, 11) },
        }, "is not the price of"),
        ["a day that shows another amount"] = (Right with
        {
            Days = [Right.Days[0] with { Seconds = 35 }],
        }, "are shown"),
        ["more seconds than the phone ran"] = (Right with
        {
            Moves = [.. Right.Moves.Take(6), Move("Stopping", "Stopped", 30, 7)],
        }, $"device {Phone} has"),
        ["a run that is not metered"] = (Right with
        {
            Moves = [.. Right.Moves, Move("Stopped", "Starting", 40, 8), Move("Starting", "Running", 41, 9)],
        }, $"device {Phone} has"),
        ["metered, but off"] = (Right with { Moves = [] }, "did not run"),
        ["closed, but on"] = (Right with { Moves = [.. Right.Moves.Take(6)] }, $"device {Phone} has"),
    };

    public static TheoryData<string> Names => [.. Broken.Keys];

    [Fact]
    public void Books_that_are_right_break_no_rule() => Assert.Empty(BilledRules.Broken(Right));

    [Fact]
    public void A_second_for_each_change_is_no_difference() => Assert.Empty(BilledRules.Broken(Right with
    {
        Moves = [.. Right.Moves.Take(6), Move("Stopping", "Stopped", 42, 7)],
    }));

    [Theory, MemberData(nameof(Names))]
    public void What_is_wrong_is_said(string name)
    {
        var (books, wrong) = Broken[name];
        Assert.Contains(BilledRules.Broken(books), b => b.Contains(wrong, StringComparison.Ordinal));
    }
}
