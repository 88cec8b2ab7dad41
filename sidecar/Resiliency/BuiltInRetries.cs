namespace CloudPhone.Sidecar.Resiliency;

/// <summary>Retries that are there without a resource. A resource may define them anew, with at least three
/// retries.</summary>
static class BuiltInRetries
{
    const int Fewest = 3;

    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static IReadOnlyDictionary<string, RetrySpec> All { get; } = new Dictionary<string, RetrySpec>
    {
        ["DaprBuiltInServiceRetries"] = RetrySpec.Default with { Duration = Second, MaxRetries = 3 },
        ["DaprBuiltInActorRetries"] = RetrySpec.Default with { Duration = Second, MaxRetries = 3 },
        ["DaprBuiltInActorReminderRetries"] = RetrySpec.Default with { Exponential = true },
        ["DaprBuiltInInitializationRetries"] = RetrySpec.Default with { Exponential = true, MaxRetries = 3 },
        ["DaprBuiltInActorNotFoundRetries"] = RetrySpec.Default with { Duration = Second, MaxRetries = 5 },
    };

    /// <summary>The policy as it takes effect: a built-in one never has fewer than three retries, not even without end
    /// (-1).</summary>
    public static RetrySpec Overridden(string name, RetrySpec retry) =>
        All.ContainsKey(name) && retry.MaxRetries < Fewest ? retry with { MaxRetries = Fewest } : retry;
}
