using System.Diagnostics;

namespace CloudPhone.Testing;

/// <summary>Waits on conditions, never on sleeps.</summary>
public static class Wait
{
    public static async Task UntilAsync(string what, Func<Task<bool>> condition, double seconds = 20)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
                throw new TimeoutException($"waited {seconds} s for {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    public static Task UntilAsync(string what, Func<bool> condition, double seconds = 20) =>
        UntilAsync(what, () => Task.FromResult(condition()), seconds);
}
