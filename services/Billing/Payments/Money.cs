using CloudPhone.Billing.Rates;

namespace CloudPhone.Billing.Payments;

/// <summary>Sums that people pay.</summary>
static class Money
{
    public const decimal Min = 0.01m;
    public const decimal Max = 1_000_000;

    public static string Currency => Rate.First.Currency;

    /// <returns>A sentence where it is no such sum.</returns>
    public static string? Check(decimal amount) =>
        amount is >= Min and <= Max && amount == decimal.Round(amount, 2) ? null
        : "amount is 0.01 to 1000000 with at most 2 decimals.";

    /// <summary>How providers count: in the smallest unit there is, which is not the hundredth everywhere.</summary>
    /// <param name="currency">ISO 4217, in any case.</param>
    public static long ToMinor(decimal amount, string currency) => (long)(amount * Factor(currency));

    /// <inheritdoc cref="ToMinor"/>
    public static decimal FromMinor(long minor, string currency) => minor / (decimal)Factor(currency);

    static int Factor(string currency) => currency.ToUpperInvariant() switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "JPY" or "KMF" or "KRW" or "MGA" or "PYG" or "RWF" or "UGX" or "VND"
            or "VUV" or "XAF" or "XOF" or "XPF" => 1,
        "BHD" or "JOD" or "KWD" or "OMR" or "TND" => 1000,
        _ => 100,
    };
}
