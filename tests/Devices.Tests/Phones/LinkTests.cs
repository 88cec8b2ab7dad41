using CloudPhone.Adb;
using CloudPhone.Devices.Phones.Files;
using CloudPhone.Adb.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPhone.Devices.Tests.Phones;

/// <summary>Links, which a real phone has and a simulated one has not.</summary>
public sealed class LinkTests
{
    [Theory]
    [InlineData("/data/system/packages.xml\n")]
    [InlineData("/\n")]
    [InlineData("/sdcardx/a\n")]
    [InlineData("/sdcard/a\n/etc/passwd\n")]
    [InlineData("/storage/emulated/10/a\n")]
    [InlineData("\n")]
    public async Task One_that_leads_out_is_not_followed(string real) =>
        await Assert.ThrowsAsync<PathLeavesException>(() => RealAsync(real, 0));

    [Theory]
    [InlineData("/storage/emulated/0/a\n", "/storage/emulated/0/a")]
    [InlineData("/data/local/tmp/b\n", "/data/local/tmp/b")]
    public async Task One_that_stays_is_followed(string real, string expected) =>
        Assert.Equal(expected, (await RealAsync(real, 0))!.Text);

    [Fact]
    public async Task One_that_leads_nowhere_is_not_there() => Assert.Null(await RealAsync("", 1));

    [Fact]
    public async Task A_phone_that_is_another_one_is_not_used()
    {
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            await AnswerAsync(peer, "another's\n", 0);
            await peer.StayAsync();
        });
        using var phones = PhonesAt(adbd.Port, "mine");
        var e = await Assert.ThrowsAsync<AdbException>(() =>
            phones.Of(Guid.CreateVersion7()).OpenAsync("shell:", default));
        Assert.Contains("another phone", e.Message, StringComparison.Ordinal);
    }

    static async Task<PhonePath?> RealAsync(string answer, int code)
    {
        using var adbd = new FakeAdbd(async peer =>
        {
            await peer.WelcomeAsync();
            await AnswerAsync(peer, answer, code);
            await peer.StayAsync();
        });
        using var phones = PhonesAt(adbd.Port, null);
        var path = PhonePath.Parse("/sdcard/a", out _)!;
        return await path.RealAsync(phones.Of(Guid.CreateVersion7()), default);
    }

    static async Task AnswerAsync(FakeAdbd.Peer peer, string answer, int code)
    {
        var id = await peer.AcceptAsync();
        var output = answer.Length == 0 ? "" : $"\u0001{(char)answer.Length}\0\0\0{answer}";
        await peer.SendAsync(AdbCommand.Write, id, id, $"{output}\u0003\u0001\0\0\0{(char)code}");
    }

    /// <summary>Phones that are all the adbd of the test.</summary>
    static AdbPhones PhonesAt(int port, string? serial) => new(
        (_, _) => Task.FromResult(new AdbAddress("127.0.0.1", port, serial)), TimeProvider.System,
        NullLogger<AdbPhones>.Instance);
}
