using System.Diagnostics;

namespace CloudPhone.Testing;

/// <summary>Waits on conditions, never on sleeps.</summary>
public static class Wait
{
    /// <param name="seconds">After so long it is a failure.</param>
    /// <param name="every">Seconds between two looks.</param>
    public static async Task UntilAsync(
        string what, Func<Task<bool>> condition, double seconds = 20, double every = 0.02)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
                throw new TimeoutException($"waited {seconds} s for {what}");
            await Task.Delay(TimeSpan.FromSeconds(every));
        }
    }

    public static Task UntilAsync(string what, Func<bool> condition, double seconds = 20, double every = 0.02) =>
        UntilAsync(what, () => Task.FromResult(condition()), seconds, every);
}
