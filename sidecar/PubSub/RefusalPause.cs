namespace CloudPhone.Sidecar.PubSub;

/// <summary>
/// How long a refused message is kept in hand before it goes back to its queue, so that a failing app is not hammered.
/// </summary>
static class RefusalPause
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(5);

    /// <param name="refusals">How often it was refused before.</param>
    public static TimeSpan After(int refusals)
    {
        var pause = First * Math.Pow(2, Math.Clamp(refusals, 0, 16));
        return pause < Longest ? pause : Longest;
    }
}
