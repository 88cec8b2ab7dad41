namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// Which threads do what follows when bytes have come. .NET hands each of them to the thread pool; here the thread that
/// waits for the sockets goes on by itself, so that a call passes a sidecar without a change of threads. There is one
/// for each two processors, as the apps need the others. What blocks must leave it first.
/// </summary>
/// <remarks>.NET reads this from the environment only, before its first socket.</remarks>
static class SocketThreads
{
    const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    const string Count = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";
    static bool s_isClaimed;

    /// <summary>For this process, unless its environment says otherwise.</summary>
    public static void Claim()
    {
        if (Environment.GetEnvironmentVariable(Inline) is not null
            || Environment.GetEnvironmentVariable(Count) is not null)
            return;
        s_isClaimed = true;
        Environment.SetEnvironmentVariable(Inline, "1");
        Environment.SetEnvironmentVariable(Count, $"{Math.Max(1, Environment.ProcessorCount / 2)}");
    }

    /// <summary>An app blocks as it likes: it does not inherit this.</summary>
    public static void KeepFrom(IDictionary<string, string?> child)
    {
        if (!s_isClaimed)
            return;
        child.Remove(Inline);
        child.Remove(Count);
    }
}
