using System.Text;
using CloudPhone.Scrcpy.Control;

namespace CloudPhone.Scrcpy.Tests.Control;

/// <summary>Byte for byte what scrcpy's own tests of its client expect (app/tests/test_control_msg_serialize.c).
/// </summary>
public sealed class ControlMessageTests
{
    const string HelloWorld = "68656c6c6f2c20776f726c6421";

    static void Same<T>(string hex, T message) where T : struct, IControlMessage
    {
        var bytes = new byte[message.Length];
        message.Write(bytes);
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Touches()
    {
        var at = new VideoPoint(100, 200, 1080, 1920);
        Same("02 00 1234567887654321 00000064 000000c8 0438 0780 ffff 00000001 00000001",
            new TouchMessage(TouchAction.Down, 0x1234567887654321, at, 1, 1, 1));
        Same("02 02 ffffffffffffffff 00000064 000000c8 0438 0780 8000 00000000 00000002",
            new TouchMessage(TouchAction.Move, TouchMessage.Mouse, at, 0.5f, 0, 2));
        Same("02 01 fffffffffffffffe ffffffff fffffffe 0438 0780 0000 00000000 00000000",
            new TouchMessage(TouchAction.Up, TouchMessage.Finger, at with { X = -1, Y = -2 }, 0));
    }

    [Theory]
    [InlineData(float.NaN, "0000")]
    [InlineData(-1, "0000")]
    [InlineData(0.99999f, "ffff")]
    [InlineData(float.PositiveInfinity, "ffff")]
    public void A_pressure_that_is_none_is_the_nearest_that_is(float pressure, string hex) => Same(
        $"02 03 fffffffffffffffd 00000000 00000000 0001 0002 {hex} 00000000 00000000",
        new TouchMessage(TouchAction.Cancel, TouchMessage.VirtualFinger, new(0, 0, 1, 2), pressure));

    [Theory]
    [InlineData(16, -16, "7fff 8000")]
    [InlineData(1, -1, "0800 f800")]
    [InlineData(0.5f, 100, "0400 7fff")]
    [InlineData(float.NaN, float.NegativeInfinity, "0000 8000")]
    public void Wheels(float horizontal, float vertical, string hex) => Same(
        $"03 00000104 00000402 0438 0780 {hex} 00000001",
        new ScrollMessage(new(260, 1026, 1080, 1920), horizontal, vertical, 1));

    [Fact]
    public void Keys()
    {
        Same("00 01 00000042 00000005 00000041", new KeyMessage(KeyAction.Up, 66, 5, 0x41));
        Same("04 00", new BackMessage(KeyAction.Down));
        Same("04 01", new BackMessage(KeyAction.Up));
    }

    [Fact]
    public void Texts_and_the_clipboard()
    {
        Same($"01 0000000d {HelloWorld}", new TextMessage("hello, world!".AsMemory()));
        Same($"09 0102030405060708 01 0000000d {HelloWorld}",
            new SetClipboardMessage(0x0102030405060708, true, "hello, world!"));
        Same("09 0000000000000001 00 00000006 e4b8ade69687", new SetClipboardMessage(1, false, "中文"));
        Same("08 01", new GetClipboardMessage(CopyKey.Copy));
    }

    [Theory]
    [InlineData(PlainMessageKind.ShowNotifications, "05")]
    [InlineData(PlainMessageKind.ShowSettings, "06")]
    [InlineData(PlainMessageKind.HidePanels, "07")]
    [InlineData(PlainMessageKind.Rotate, "0b")]
    [InlineData(PlainMessageKind.ResetVideo, "11")]
    internal void Messages_without_more(PlainMessageKind kind, string hex) => Same(hex, new PlainMessage(kind));

    [Theory]
    [InlineData("a", 1, 300)]
    [InlineData("é", 2, 150)]
    [InlineData("中", 3, 100)]
    [InlineData("😀", 4, 75)]
    [InlineData("a中", 4, 150)] // 75 of each
    public void A_long_text_is_cut_between_characters(string character, int bytes, int chars)
    {
        var text = string.Concat(Enumerable.Repeat(character, 301));
        var part = TextMessage.Next(text.AsMemory());
        Assert.Equal(300 / bytes * bytes + 5, part.Length);
        Assert.Equal(bytes == 4 && character.Length == 2 ? 150 : chars, part.Text.Length);
        var all = new StringBuilder();
        for (var rest = text.AsMemory(); rest.Length > 0; rest = rest[part.Text.Length..])
        {
            part = TextMessage.Next(rest);
            Assert.InRange(part.Length, 6, 305);
            all.Append(part.Text);
        }
        Assert.Equal(text, all.ToString());
    }

    [Fact]
    public void Halves_of_characters_are_sent_as_what_says_so_and_fit()
    {
        var part = TextMessage.Next(new string('\ud83d', 200).AsMemory());
        Assert.Equal((100, 305), (part.Text.Length, part.Length));
        Same("01 00000007 61 efbfbd efbfbd", new TextMessage("a\udc00\ud83d".AsMemory()));
        Assert.Equal(300, TextMessage.Next((new string('a', 297) + "中😀").AsMemory()).Length - 5);
    }
}
