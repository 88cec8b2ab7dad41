using CloudPhone.Users.Accounts;

namespace CloudPhone.Users.Ledger;

/// <summary>Which amounts can be in the ledger.</summary>
static class Money
{
    public const int Places = 6;

    /// <summary>Far above what anybody pays, and far below what a column holds.</summary>
    const decimal Max = 1_000_000_000;

    /// <summary>Nothing of it would be rounded away or cut off.</summary>
    public static bool IsExact(decimal amount) =>
        decimal.Round(amount, Places) == amount && Math.Abs(amount) <= Max;

    /// <exception cref="UnpostableException">An event has an amount that can't be in the ledger.</exception>
    public static void Require(bool isInRange, decimal amount, string currency)
    {
        if (currency != Account.Cny)
            throw new UnpostableException($"the currency is {currency}, accounts are in {Account.Cny}");
        if (!isInRange || !IsExact(amount))
            throw new UnpostableException(FormattableString.Invariant($"the amount can't be {amount}"));
    }
}

/// <summary>An event that has no place in the ledger: its message is the reason of the dead letter.</summary>
sealed class UnpostableException(string message) : Exception(message);
