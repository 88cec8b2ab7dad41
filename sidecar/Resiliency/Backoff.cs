namespace CloudPhone.Sidecar.Resiliency;

/// <summary>The waits between tries.</summary>
static class Backoff
{
    const double FirstSeconds = 0.5, Factor = 1.5, Jitter = 0.5;

    /// <param name="retry">The retry that follows, counted from 0.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan Delay(RetrySpec policy, int retry, double random)
    {
        if (!policy.Exponential)
            return policy.Duration;
        // The cap is laid on the growth, so neither the first wait nor the jitter is bound by it.
        var seconds = retry == 0 ? FirstSeconds
            : Math.Min(FirstSeconds * Math.Pow(Factor, retry), policy.MaxInterval.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 - Jitter + 2 * Jitter * random));
    }
}
