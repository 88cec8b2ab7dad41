using System.Diagnostics.Metrics;

namespace CloudPhone.Devices.Health;

/// <summary>
/// <c>phone_checks_total{outcome}</c>: looks at phones that should run, which were <c>well</c>, <c>broken</c> or, where
/// their provider was ill, <c>unknown</c>.
/// </summary>
sealed class CheckCounter(IMeterFactory meters)
{
    readonly Counter<long> _checks = meters.Create("CloudPhone").CreateCounter<long>("phone_checks");

    public void Add(string outcome) => _checks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
