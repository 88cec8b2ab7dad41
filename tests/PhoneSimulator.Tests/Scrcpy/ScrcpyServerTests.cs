using System.Text;
using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

/// <summary>The server with a client that knows the protocol's bytes and decodes its video.</summary>
public sealed class ScrcpyServerTests
{
    static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));

    static async Task<WatchedPhone> WatchedAsync(string options = "")
    {
        var phone = await WatchedPhone.StartAsync(options);
        await phone.HeadAsync();
        await BeginsAsync(phone);
        return phone;
    }

    static async Task BeginsAsync(WatchedPhone phone)
    {
        var session = await phone.PacketAsync();
        Assert.Equal("session", session.Kind);
        var config = await phone.PacketAsync();
        Assert.Equal(("config", session.Width, session.Height), (config.Kind, config.Width, config.Height));
        Assert.Equal("key", (await phone.PacketAsync()).Kind);
        Assert.True(phone.IsSame());
    }

    [Fact]
    public async Task The_picture_is_the_screens_and_follows_text_touches_keys_and_apps()
    {
        await using var phone = await WatchedAsync();
        phone.Phone.Install(new("org.example.app", "1", 1, "", 1, default));
        await phone.SameAsync();
        // one finger on the icon, down and up, in the video's own pixels
        await phone.SendAsync("02 00 0000000000000005 0000002d 00000046 0168 0280 ffff 00000001 00000001");
        await Wait.UntilAsync("the finger", () => phone.Phone.Screen.IsPointed(5));
        await phone.SameAsync();
        await phone.SendAsync("02 01 0000000000000005 0000002d 00000046 0168 0280 0000 00000001 00000000");
        await Wait.UntilAsync("the app", () => phone.Phone.Screen.App == "org.example.app");
        await phone.SameAsync();
        await phone.SendAsync($"01 00000003 {Hex("Hi ")}");
        await phone.SendAsync("00 00 0000001d 00000000 00000001 00 01 0000001d 00000000 00000001");
        await phone.SendAsync("08 01"); // copies what is in the field
        Assert.Equal(Encoding.UTF8.GetBytes("\0\0\0\0\u0004Hi A"), await phone.ReadAsync(9, phone.Control));
        await phone.SameAsync();
        await phone.SendAsync("00 00 00000004 00000000 00000000");
        await Wait.UntilAsync("the home screen", () => phone.Phone.Screen.App is null);
        await phone.SameAsync();
        await phone.SendAsync($"10 10 {Hex("+org.example.app")}");
        await Wait.UntilAsync("the app", () => phone.Phone.Screen.App == "org.example.app");
        await phone.SendAsync("03 0000000a 0000000a 0168 0280 0000 e000 00000000 05");
        await phone.SameAsync();
    }

    [Fact]
    public async Task A_screen_on_which_nothing_happens_is_repeated_once_and_then_costs_nothing()
    {
        await using var phone = await WatchedAsync();
        Assert.InRange((await phone.PacketAsync()).Data.Length, 1, 30);
        for (var i = 0; i < 40; i++)
            phone.Clock.Advance(TimeSpan.FromSeconds(1));
        phone.Phone.Screen.Type("x");
        Assert.InRange((await phone.PacketAsync()).Data.Length, 384, 20_000); // the next is not an empty one
        Assert.True(phone.IsSame());
        await phone.PacketAsync();
        phone.Clock.Advance(TimeSpan.FromMinutes(1)); // the clock on the screen
        Assert.InRange((await phone.PacketAsync()).Data.Length, 384, 20_000);
        Assert.True(phone.IsSame());
    }

    [Fact]
    public async Task Turned_or_reset_it_begins_anew_with_all_that_a_decoder_needs()
    {
        await using var phone = await WatchedAsync();
        await phone.PacketAsync();
        await phone.SendAsync("11");
        await BeginsAsync(phone);
        await phone.PacketAsync();
        await phone.SendAsync("0b");
        await BeginsAsync(phone);
        Assert.Equal((640, 360), (phone.Decoder.Width, phone.Decoder.Height));
        phone.Phone.Install(new("org.example.app", "1", 1, "", 1, default));
        // made for the picture before it was turned: nobody knows what it was meant for
        await phone.SendAsync("02 00 0000000000000005 0000002d 00000032 0168 0280 ffff 00000001 00000001");
        await phone.SendAsync("02 01 0000000000000005 0000002d 00000032 0168 0280 ffff 00000001 00000001");
        await phone.SendAsync($"09 0000000000000007 00 00000001 {Hex("x")}");
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 7], await phone.ReadAsync(9, phone.Control));
        Assert.Null(phone.Phone.Screen.App);
        Assert.Equal("x", phone.Phone.Clipboard.Text);
    }

    [Fact]
    public async Task It_is_scaled_and_touches_with_it_and_many_fingers_are_told_apart()
    {
        await using var phone = await WatchedPhone.StartAsync("max_size=320");
        await phone.HeadAsync();
        Assert.Equal(new("session", 180, 320, []), await phone.PacketAsync() with { Data = [] });
        phone.Phone.Install(new("org.example.app", "1", 1, "", 1, default));
        for (var finger = 0; finger < 12; finger++)
            await phone.SendAsync($"02 00 {finger:x16} 00000016 00000023 00b4 0140 ffff 00000000 00000000");
        for (var finger = 11; finger > 0; finger--)
            await phone.SendAsync($"02 01 {finger:x16} 00000016 00000023 00b4 0140 ffff 00000000 00000000");
        await phone.SendAsync($"09 0000000000000007 00 00000001 {Hex("x")}");
        Assert.Equal(9, (await phone.ReadAsync(9, phone.Control)).Length);
        Assert.Null(phone.Phone.Screen.App); // one finger is still down, so it was no tap
        await phone.SendAsync($"02 01 {0:x16} 00000016 00000023 00b4 0140 ffff 00000000 00000000");
        await Wait.UntilAsync("the app", () => phone.Phone.Screen.App is not null);
    }

    [Fact]
    public async Task After_the_interval_a_change_is_a_whole_picture_and_bits_are_not_sent_faster_than_allowed()
    {
        await using var phone = await WatchedAsync("video_codec_options=i-frame-interval:int=2 video_bit_rate=80000");
        await phone.PacketAsync();
        var before = phone.LastTime;
        phone.Phone.Screen.Type("x");
        Assert.Equal("frame", (await phone.PacketAsync()).Kind);
        phone.Phone.Screen.Type("y");
        var size = (await phone.PacketAsync()).Data.Length;
        Assert.InRange(size, 384, 10_000);
        Assert.True(phone.LastTime - before > 384 * 8 * 1_000_000L / 80_000);
        phone.Clock.Advance(TimeSpan.FromSeconds(3));
        phone.Phone.Screen.Type("z");
        while ((await phone.PacketAsync()).Kind != "key")
        {
        }
        Assert.True(phone.IsSame());
    }

    [Fact]
    public async Task Asleep_it_is_black_and_the_back_key_wakes_it()
    {
        await using var phone = await WatchedAsync();
        await phone.SendAsync("00 00 0000001a 00000000 00000000");
        await Wait.UntilAsync("sleep", () => phone.Phone.Screen.IsAsleep);
        await phone.SameAsync();
        Assert.All(phone.Decoder.Plane(0), y => Assert.Equal(16, y));
        await phone.SendAsync("04 00 04 01");
        await Wait.UntilAsync("waking", () => !phone.Phone.Screen.IsAsleep);
        await phone.SameAsync();
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task It_wakes_the_phone_unless_told_not_to(string powerOn)
    {
        await using var phone = await WatchedPhone.StartAsync($"power_on={powerOn}", sockets: 0);
        phone.Phone.Screen.Press(26);
        await phone.ConnectAsync();
        await phone.ConnectAsync();
        await phone.SendAsync("00 00 00000003 00000000 00000000"); // home: what comes before is done by then
        await Wait.UntilAsync("that it was told", () => phone.Phone.Screen.IsAsleep == (powerOn == "false"));
    }

    [Theory]
    [InlineData("ff")]
    [InlineData("01 7fffffff")]
    public async Task A_message_that_is_none_ends_it_and_frees_its_name(string hex)
    {
        await using var phone = await WatchedAsync();
        await phone.SendAsync(hex);
        Assert.Equal(0, await phone.Server);
        Assert.Null(phone.Phone.Sockets.Find("scrcpy_12345678"));
        Assert.Contains(phone.Phone.Log.Read(0).Lines,
            l => l.Contains("Control protocol error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_ends_with_any_of_its_sockets_or_the_shell(int which)
    {
        await using var phone = await WatchedAsync();
        if (which == 2)
            phone.CloseShell();
        else
            (which == 0 ? phone.First : phone.Control).Close();
        await Wait.UntilAsync("its end", () => phone.Server.IsCompleted);
    }

    [Theory]
    [InlineData("max_size=abc", "4.1", "[server] ERROR: Invalid max_size: \"abc\"")]
    [InlineData("", "3.3.4", "[server] ERROR: The server version (4.1) does not match the client (3.3.4)")]
    [InlineData("tunnel_forward=false", "4.1", "[server] ERROR: Connection refused")]
    public async Task What_it_can_not_do_it_says_and_fails(string options, string version, string words)
    {
        await using var phone = await WatchedPhone.StartAsync(options, sockets: 0, version);
        Assert.Equal(1, await phone.Server);
        Assert.Contains(words, phone.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Letters_with_Ctrl_copy_and_paste_and_are_not_typed()
    {
        const int a = 29, c = 31, v = 50, enter = 66, copy = 278, ctrl = 0x1000;
        await using var phone = await WatchedPhone.StartAsync("video=false", sockets: 1);
        var (screen, clipboard) = (phone.Phone.Screen, phone.Phone.Clipboard);
        clipboard.Set("one");
        screen.Press(v, ctrl);
        screen.Press(a, ctrl);
        clipboard.Set("other");
        screen.Press(c, ctrl);
        Assert.Equal("one", clipboard.Text);
        screen.Press(enter);
        clipboard.Set("kept");
        screen.Press(copy); // nothing is selected
        Assert.Equal("kept", clipboard.Text);
    }

    [Fact]
    public async Task Only_control_has_the_head_on_its_own_socket()
    {
        await using var phone = await WatchedPhone.StartAsync("video=false clipboard_autosync=false", sockets: 1);
        Assert.Equal([0], await phone.ReadAsync(1));
        var name = Encoding.UTF8.GetString(await phone.ReadAsync(64));
        Assert.StartsWith("CloudPhone Simulator", name, StringComparison.Ordinal);
        phone.Phone.Clipboard.Set("abc");
        await phone.SendAsync("08 00");
        Assert.Equal([0, 0, 0, 0, 3, .. "abc"u8], await phone.ReadAsync(8));
    }

    [Fact]
    public async Task Another_codec_and_sound_are_refused_on_their_sockets()
    {
        await using var phone = await WatchedPhone.StartAsync("video_codec=h265 audio=true", sockets: 3);
        await phone.ReadAsync(65);
        Assert.Equal([0, 0, 0, 1], await phone.ReadAsync(4));
        Assert.Equal(1, await phone.Server);
    }
}
