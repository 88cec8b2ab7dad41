using CloudPhone.Adb;
using CloudPhone.Media.Input;
using CloudPhone.Media.Screens;
using CloudPhone.PhoneSimulator.Tests;
using CloudPhone.Scrcpy;

namespace CloudPhone.Media.Tests.Screens;

/// <summary>Two sessions of scrcpy with a simulated phone, of which one takes the place of the other.</summary>
public sealed class PhoneHandsTests
{
    /// <summary>As where the phone is turned at that moment: its reader takes the other session, and asks
    /// nobody.</summary>
    [Fact]
    public async Task Whatever_becomes_of_the_hand_over_the_session_that_plays_is_told()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var adb = await AdbConnection.ConnectAsync("127.0.0.1", phone.AdbPort, TimeProvider.System, default);
        Task<ScrcpySession> StartAsync() => ScrcpySession.StartAsync(
            adb, ScrcpyServerFile.StandIn, new(), TimeProvider.System, default);
        var old = await StartAsync();
        await using var next = await StartAsync();
        var hands = new PhoneHands();
        hands.Use(old);
        var change = new SessionChange(adb, old);
        await Assert.ThrowsAsync<OperationCanceledException>(() => hands.HandOverAsync(next, () =>
        {
            change.Offer(next);
            Assert.Same(next, change.Take());
            throw new OperationCanceledException("the way was full, and the reader had it already");
        }, isInPlace: () => !change.Withdraw(), default));
        await old.DisposeAsync();
        await hands.DoAsync(InputMessage.Parse("""{"type":"home"}"""u8)!, default);
    }
}
