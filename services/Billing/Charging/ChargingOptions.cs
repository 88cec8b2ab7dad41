using CloudPhone.Shared.Hosting;

namespace CloudPhone.Billing.Charging;

/// <summary>Settings of charging and balances, read and checked at start.</summary>
/// <param name="Interval">How often all that runs is charged.</param>
/// <param name="LowBalance">CNY: below it the user is warned.</param>
/// <param name="Grace">How long phones go on with nothing left.</param>
public sealed record ChargingOptions(TimeSpan Interval, decimal LowBalance, TimeSpan Grace)
{
    /// <exception cref="SettingException">One of them is wrong.</exception>
    public static ChargingOptions Read(IConfiguration configuration) => new(
        TimeSpan.FromSeconds(configuration.Number("CHARGE_SECONDS", 60, 1, 3600)),
        configuration.Amount("LOW_BALANCE_THRESHOLD", 50),
        TimeSpan.FromMinutes(configuration.Number("BALANCE_GRACE_MINUTES", 60, 0, 100_000)));
}
