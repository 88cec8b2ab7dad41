using CloudPhone.Media.WebRtc.Dtls;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

/// <summary>Who gives way where all threads are taken.</summary>
[Collection(nameof(UdpHubs))]
public sealed class HandshakePoolTests
{
    [Fact]
    public async Task No_more_give_way_than_threads_are_lacking()
    {
        var end = new ManualResetEventSlim();
        using var pool = new HandshakePool(3);
        var (told, done) = (0, 0);
        for (var i = 0; i < 3; i++)
            pool.TryRun(end.Wait, owner: null, giveUp: () => Interlocked.Increment(ref told) > 0);
        await Wait.UntilAsync("all to run", () => pool.Running == 3);
        pool.TryRun(() => Interlocked.Increment(ref done), owner: null, giveUp: null);
        await Wait.UntilAsync("one to be told", () =>
        {
            pool.Relieve();
            return Volatile.Read(ref told) > 0;
        });
        for (var i = 0; i < 100; i++)
            pool.Relieve(); // the one that was told has not ended yet
        Assert.Equal(1, told);
        end.Set();
        await Wait.UntilAsync("what waited", () => Volatile.Read(ref done) == 1);
    }
}
