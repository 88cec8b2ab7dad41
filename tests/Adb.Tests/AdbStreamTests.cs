using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Adb.Tests;

public sealed class AdbStreamTests
{
    static readonly CancellationToken Cancelled = new(canceled: true);

    [Fact]
    public async Task A_reader_that_gives_up_while_data_come_does_not_stop_the_phone()
    {
        var acknowledged = new TaskCompletionSource();
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            var id = await peer.AcceptAsync();
            await peer.SendAsync(AdbCommand.Write, id, id, "abc");
            Assert.Equal(AdbCommand.Okay, (await peer.ReadAsync()).Command);
            acknowledged.SetResult();
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync();
        await using var stream = (await connection.OpenAsync("shell:", default))!;
        var buffer = new byte[10];
        await Wait.UntilAsync("the data", async () =>
        {
            try
            {
                return await stream.ReadAsync(buffer, Cancelled) == 3;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        });
        await acknowledged.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task One_that_may_be_silent_is_waited_for_and_must_take_what_is_sent_all_the_same()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            await peer.AcceptAsync();
            await peer.StayAsync();
        });
        using var connection = await adbd.ConnectAsync(clock);
        await using var stream = (await connection.OpenAsync("shell:", default))!;
        stream.MayBeSilent = true;
        using var end = new CancellationTokenSource();
        var reading = stream.ReadAsync(new byte[1], end.Token).AsTask();
        clock.Advance(TimeSpan.FromHours(8));
        Assert.False(reading.IsCompleted);
        await stream.WriteAsync("a"u8.ToArray()); // the one that may be under way
        var writing = stream.WriteAsync("b"u8.ToArray()).AsTask();
        await Wait.UntilAsync("its end", () =>
        {
            clock.Advance(stream.IdleLimit);
            return writing.IsCompleted;
        });
        Assert.Equal(AdbFault.TimedOut, (await Assert.ThrowsAsync<AdbException>(() => writing)).Fault);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }
}
