namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>
/// What must be true of users' money (I5): each account is the sum of its ledger, in which nothing lacks. What billing
/// says to it is for <see cref="BilledRules"/>.
/// </summary>
static class MoneyRules
{
    public static IEnumerable<string> Broken(Books books) =>
        books.Accounts.SelectMany(a => Account(a.Key, a.Value));

    public static IEnumerable<string> Account(Guid user, AccountRow account)
    {
        var entries = account.Entries.OrderBy(e => e.Version).ToList();
        if (entries.Sum(e => e.Amount) is var sum && sum != account.Balance)
            yield return $"the balance of {user} is {account.Balance}, its {entries.Count} entries are {sum}";
        var balance = 0m;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            balance += entry.Amount;
            if (entry.Version != i + 1)
                yield return $"entry {i + 1} of {user} has the version {entry.Version}";
            if (entry.BalanceAfter != balance)
                yield return
                    $"after entry {entry.Version} of {user} the balance is {entry.BalanceAfter}, not {balance}";
        }
        foreach (var cause in entries.GroupBy(e => (e.Reason, e.CauseId)).Where(c => c.Count() > 1))
            yield return $"{cause.Count()} entries of {user} for {cause.Key.Reason} {cause.Key.CauseId}";
    }
}
