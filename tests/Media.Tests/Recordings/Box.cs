using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.Media.Tests.Recordings;

/// <summary>One box of an MP4, read as strictly as can be: whatever is in a box must fill it.</summary>
sealed record Box(string Type, int At, byte[] Body)
{
    static readonly HashSet<string> Containers =
        ["moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf"];

    public IReadOnlyList<Box> Children => Containers.Contains(Type) ? Read(Body, At + 8) : [];

    public static IReadOnlyList<Box> Read(ReadOnlySpan<byte> bytes, int at = 0)
    {
        List<Box> boxes = [];
        for (var i = 0; i < bytes.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[i..]);
            Assert.InRange(length, 8, bytes.Length - i);
            boxes.Add(new(
                Encoding.ASCII.GetString(bytes.Slice(i + 4, 4)), at + i, bytes.Slice(i + 8, length - 8).ToArray()));
            i += length;
        }
        return boxes;
    }

    /// <summary>The only one there.</summary>
    public Box this[string path] => path.Split('/').Aggregate(this, (box, type) =>
        Assert.Single(box.Children, c => c.Type == type));

    public uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(Body.AsSpan(at));

    public long U64(int at) => BinaryPrimitives.ReadInt64BigEndian(Body.AsSpan(at));
}

/// <param name="Time">In 90 000ths of a second, as the duration.</param>
sealed record Sample(long Time, uint Duration, bool IsKey, byte[] Data)
{
    /// <summary>All pictures of a file, found by nothing but its boxes.</summary>
    public static List<Sample> Of(byte[] file)
    {
        List<Sample> samples = [];
        foreach (var moof in Box.Read(file).Where(b => b.Type == "moof"))
        {
            Assert.Equal(0x020000u, moof["traf/tfhd"].U32(0)); // counted from the moof
            var (time, trun) = (moof["traf/tfdt"].U64(4), moof["traf/trun"]);
            Assert.Equal(0x000701u, trun.U32(0));
            var at = moof.At + (int)trun.U32(8);
            for (var i = 12; i < trun.Body.Length; i += 12)
            {
                var (duration, size) = (trun.U32(i), (int)trun.U32(i + 4));
                samples.Add(new(time, duration, (trun.U32(i + 8) & 0x10000) == 0, file[at..(at + size)]));
                (time, at) = (time + duration, at + size);
            }
        }
        return samples;
    }

    public List<byte[]> Units()
    {
        List<byte[]> units = [];
        for (var i = 0; i < Data.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(Data.AsSpan(i));
            units.Add(Data[(i + 4)..(i + 4 + length)]);
            i += 4 + length;
        }
        return units;
    }
}
