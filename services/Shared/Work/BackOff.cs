namespace CloudPhone.Shared.Work;

/// <summary>Growing pauses between tries, with some chance in them so that many don't come at once.</summary>
public static class BackOff
{
    /// <param name="attempts">How often it was tried, from 1.</param>
    public static TimeSpan After(int attempts, TimeSpan first, TimeSpan max)
    {
        var doublings = Math.Clamp(attempts - 1, 0, 20);
        var seconds = Math.Min(first.TotalSeconds * Math.Pow(2, doublings), max.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.75 + (Random.Shared.NextDouble() / 4)));
    }
}
