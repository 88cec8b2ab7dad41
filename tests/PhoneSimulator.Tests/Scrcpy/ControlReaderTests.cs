using System.Globalization;
using CloudPhone.PhoneSimulator.Scrcpy;

namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

public sealed class ControlReaderTests
{
    static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDPHONE_FUZZ"), CultureInfo.InvariantCulture, out var n)
            ? n : 1_000_000;

    static readonly Dictionary<string, ControlMessage> Vectors = new()
    {
        ["02 00 1234567887654321 00000064 000000c8 0438 0780 ffff 00000001 00000001"] =
            new TouchMessage(0, 0x1234567887654321, 100, 200, 1080, 1920),
        ["00 01 00000042 00000005 00000041"] = new KeyMessage(1, 66, 5, 0x41),
        ["01 0000000d 68656c6c6f2c20776f726c6421"] = new TextMessage("hello, world!"),
        ["03 00000104 00000402 0438 0780 7fff 8000 00000001"] = new ScrollMessage(260, 1026, 1080, 1920, -16),
        ["04 01"] = new BackMessage(1),
        ["05"] = new PanelMessage("Notifications"),
        ["06"] = new PanelMessage("Settings"),
        ["07"] = new PanelMessage(null),
        ["08 01"] = new GetClipboardMessage(1),
        ["09 0102030405060708 01 0000000d 68656c6c6f2c20776f726c6421"] =
            new SetClipboardMessage(0x0102030405060708, true, "hello, world!"),
        ["0a 01"] = new DisplayPowerMessage(true),
        ["0b"] = new RotateMessage(),
        ["0c 002a 1234 5678 03 414243 000b 0102030405060708090a0b"] = new IgnoredMessage(12),
        ["0d 002a 0005 0102030405"] = new IgnoredMessage(13),
        ["0e 002a"] = new IgnoredMessage(14),
        ["0f"] = new IgnoredMessage(15),
        ["10 07 66697265666f78"] = new StartAppMessage("firefox"),
        ["11"] = new ResetVideoMessage(),
        ["12 01"] = new IgnoredMessage(18),
        ["13"] = new IgnoredMessage(19),
        ["14"] = new IgnoredMessage(20),
        ["15 0780 0438"] = new IgnoredMessage(21),
        ["16 00000003 2f2f2f"] = new IgnoredMessage(22),
    };

    public static TheoryData<string> Texts => [.. Vectors.Keys];

    static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Every_message_is_read_whole_and_no_further(string hex)
    {
        var bytes = Bytes(hex);
        var reader = new ControlReader(new MemoryStream([.. bytes, .. bytes, 0x11]));
        Assert.Equal(Vectors[hex], await reader.ReadAsync(default));
        Assert.Equal(Vectors[hex], await reader.ReadAsync(default));
        Assert.IsType<ResetVideoMessage>(await reader.ReadAsync(default));
        Assert.Null(await reader.ReadAsync(default));
        for (var cut = 1; cut < bytes.Length; cut++)
            await Assert.ThrowsAsync<EndOfStreamException>(async () =>
                await new ControlReader(new MemoryStream(bytes[..cut])).ReadAsync(default));
    }

    [Theory]
    [InlineData("17")]
    [InlineData("ff")]
    [InlineData("01 00040000")]
    [InlineData("09 0000000000000000 00 ffffffff")]
    [InlineData("16 80000000")]
    public async Task What_is_no_message_ends_it(string hex) =>
        await Assert.ThrowsAsync<ControlProtocolException>(async () =>
            await new ControlReader(new MemoryStream(Bytes(hex))).ReadAsync(default));

    [Fact]
    public async Task Texts_of_all_lengths_come_whole()
    {
        foreach (var length in new[] { 0, 1, 300, 4095, 4096, 4097, 100_000, ControlReader.MaxText })
        {
            var text = new string('é', length / 2) + new string('x', length % 2);
            byte[] head = [1, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
            byte[] all = [.. head, .. System.Text.Encoding.UTF8.GetBytes(text)];
            Assert.Equal(new TextMessage(text), await new ControlReader(new MemoryStream(all)).ReadAsync(default));
        }
    }

    [Fact]
    public async Task Random_messages_end_in_no_other_way()
    {
        var vectors = Vectors.Keys.Select(Bytes).ToArray();
        for (var seed = 0; seed < Count; seed++)
        {
            var random = new Random(seed);
            var bytes = random.GetItems(vectors, random.Next(1, 4)).SelectMany(v => v).ToArray();
            for (var i = random.Next(3); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var reader = new ControlReader(new MemoryStream(bytes, 0, random.Next(bytes.Length + 1)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                while (await reader.ReadAsync(default) is not null)
                {
                }
            }
            catch (Exception e) when (e is ControlProtocolException or EndOfStreamException)
            {
                // ended
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }
    }
}
