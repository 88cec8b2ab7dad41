using CloudPhone.PhoneSimulator.Scrcpy.H264;

namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

public sealed class NalWriterTests
{
    static byte[] Unit(Action<NalWriter> write)
    {
        var nal = new NalWriter();
        nal.Begin(3, 5);
        write(nal);
        nal.End();
        Assert.Equal([0, 0, 0, 1, 0x65], nal.Written[..5].ToArray());
        return nal.Written[5..].ToArray();
    }

    /// <summary>H.264 table 9-2.</summary>
    [Theory]
    [InlineData(0, "1")]
    [InlineData(1, "010")]
    [InlineData(2, "011")]
    [InlineData(3, "00100")]
    [InlineData(4, "00101")]
    [InlineData(6, "00111")]
    [InlineData(7, "0001000")]
    [InlineData(8, "0001001")]
    [InlineData(25, "000011010")]
    public void Numbers_are_coded_as_in_the_table(uint number, string bits) =>
        Assert.Equal(Bytes(bits + "1"), Unit(n => n.Unsigned(number)));

    /// <summary>H.264 table 9-3.</summary>
    [Theory]
    [InlineData(0, "1")]
    [InlineData(1, "010")]
    [InlineData(-1, "011")]
    [InlineData(2, "00100")]
    [InlineData(-2, "00101")]
    [InlineData(3, "00110")]
    public void Numbers_with_a_sign_are_coded_as_in_the_table(int number, string bits) =>
        Assert.Equal(Bytes(bits + "1"), Unit(n => n.Signed(number)));

    /// <summary>H.264 7.4.1: what must not occur within a unit.</summary>
    [Theory]
    [InlineData("000000", "00000300")]
    [InlineData("000001", "00000301")]
    [InlineData("000002", "00000302")]
    [InlineData("000003", "00000303")]
    [InlineData("000004", "000004")]
    [InlineData("0000000000", "000003000003 00")]
    [InlineData("01000001", "0100000301")]
    [InlineData("00000300", "0000030300")]
    public void What_looks_like_a_start_is_kept_apart(string given, string expected)
    {
        var bytes = Convert.FromHexString(given);
        byte[] all = [.. Convert.FromHexString(expected.Replace(" ", "", StringComparison.Ordinal)), 0x80];
        Assert.Equal(all, Unit(n => n.Bytes(bytes)));
        Assert.Equal(all, Unit(n =>
        {
            foreach (var b in bytes)
                n.Bits(b, 8);
        }));
        Assert.Equal(all, Unit(n =>
        {
            n.Bytes(bytes.AsSpan(0, 2));
            n.Bytes(bytes.AsSpan(2));
        }));
    }

    [Fact]
    public void A_unit_that_ends_with_zeros_has_its_last_bit_behind_them() =>
        Assert.Equal([0, 0, 0x80], Unit(n => n.Bytes([0, 0])));

    [Fact]
    public void Whatever_is_written_is_read_the_same()
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var numbers = Enumerable.Range(0, random.Next(1, 30))
                .Select(_ => (Kind: random.Next(3), Value: random.Next(3) == 0 ? random.Next(1 << 20) : random.Next(4)))
                .ToList();
            var unit = Unit(n => numbers.ForEach(x => Write(n, x.Kind, x.Value)));
            for (var i = 2; i < unit.Length; i++)
                Assert.False(unit[i - 2] == 0 && unit[i - 1] == 0 && unit[i] < 3, $"seed {seed}");
            var bits = new BitReader([.. WithoutEmulation(unit)]);
            foreach (var (kind, value) in numbers)
                Assert.True(value == Read(bits, kind), $"seed {seed}");
            Assert.False(bits.HasMore());
        }

        static void Write(NalWriter n, int kind, int value)
        {
            switch (kind)
            {
                case 0:
                    n.Bits((uint)value, 21);
                    break;
                case 1:
                    n.Unsigned((uint)value);
                    break;
                default:
                    n.Signed(-value);
                    break;
            }
        }

        static int Read(BitReader bits, int kind) => kind switch
        {
            0 => (int)bits.Bits(21),
            1 => (int)bits.Unsigned(),
            _ => -bits.Signed(),
        };
    }

    static IEnumerable<byte> WithoutEmulation(byte[] unit)
    {
        for (var i = 0; i < unit.Length; i++)
        {
            if (i < 2 || unit[i] != 3 || unit[i - 1] != 0 || unit[i - 2] != 0)
                yield return unit[i];
        }
    }

    static byte[] Bytes(string bits) => [.. bits.PadRight((bits.Length + 7) / 8 * 8, '0').Chunk(8)
        .Select(b => Convert.ToByte(new string(b), 2))];
}
