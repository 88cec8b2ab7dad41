namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>The rules find what they are for.</summary>
public sealed class MoneyRulesTests
{
    static readonly Guid Cause = Guid.CreateVersion7();

    static LedgerRow Entry(long version, decimal amount, decimal after, string reason = "usage", Guid? cause = null) =>
        new(version, amount, after, reason, cause ?? Guid.CreateVersion7());

    public static TheoryData<decimal, LedgerRow[], string> Books => new()
    {
        { 0, [], "" },
        { 6.5m, [Entry(2, -3.5m, 6.5m), Entry(1, 10, 10, "payment")], "" },
        { 7, [Entry(1, 10, 10), Entry(2, -3.5m, 6.5m)], "its 2 entries are 6.5" },
        { 3, [Entry(1, 1, 1), Entry(3, 2, 3)], "has the version 3" },
        { 3, [Entry(1, 1, 1), Entry(1, 2, 3)], "has the version 1" },
        { 3, [Entry(1, 1, 1), Entry(2, 2, 2)], "the balance is 2, not 3" },
        { 2, [Entry(1, 1, 1, "usage", Cause), Entry(2, 1, 2, "usage", Cause)], "2 entries" },
        { 2, [Entry(1, 1, 1, "payment", Cause), Entry(2, 1, 2, "plan", Cause)], "" },
    };

    [Theory, MemberData(nameof(Books), DisableDiscoveryEnumeration = true)]
    public void An_account_is_the_sum_of_its_entries(decimal balance, LedgerRow[] entries, string wrong)
    {
        var broken = MoneyRules.Account(Guid.CreateVersion7(), new(balance, entries)).ToList();
        Assert.Equal(wrong.Length > 0 ? 1 : 0, broken.Count);
        Assert.All(broken, b => Assert.Contains(wrong, b, StringComparison.Ordinal));
    }
}
