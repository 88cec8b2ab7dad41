using System.Buffers.Binary;

namespace CloudPhone.Media.Tests.WebRtc.Rtcp;

/// <summary>What viewers send, byte by byte.</summary>
static class TestReports
{
    const uint Viewer = 1;

    public static byte[] Nack(uint ssrc, params IEnumerable<ushort> sequences) =>
        Packet(205, 1, [.. Words(Viewer, ssrc), .. sequences.SelectMany(s => Words((uint)s << 16))]);

    public static byte[] NackWithMask(uint ssrc, ushort first, ushort following) =>
        Packet(205, 1, Words(Viewer, ssrc, ((uint)first << 16) | following));

    public static byte[] PictureLoss(uint ssrc) => Packet(206, 1, Words(Viewer, ssrc));

    public static byte[] FullIntra(uint ssrc) => Packet(206, 4, Words(Viewer, 0, ssrc, 7u << 24));

    public static byte[] Remb(uint ssrc, int exponent, int mantissa) =>
        Packet(206, 15, Words(Viewer, 0, 0x52454D42, (1u << 24) | ((uint)exponent << 18) | (uint)mantissa, ssrc));

    public static byte[] Remb(uint ssrc, long bitsPerSecond)
    {
        var exponent = 0;
        while (bitsPerSecond >> exponent >= 1 << 18)
            exponent++;
        return Remb(ssrc, exponent, (int)(bitsPerSecond >> exponent));
    }

    /// <param name="loss">In 1/256.</param>
    public static byte[] Report(uint ssrc, byte loss, uint lastReport = 0, uint delay = 0) =>
        Packet(201, 1, Words(Viewer, ssrc, (uint)loss << 24, 0, 0, lastReport, delay));

    /// <summary>The viewer's time, behind a block of another kind.</summary>
    public static byte[] ReferenceTime(ulong ntp) => Packet(207, 0,
        Words(Viewer, 1u << 24, (4u << 24) | 2, (uint)(ntp >> 32), (uint)ntp));

    static byte[] Packet(byte type, int count, byte[] body) =>
        [(byte)(0x80 | count), type, (byte)(body.Length / 4 >> 8), (byte)(body.Length / 4), .. body];

    static byte[] Words(params IEnumerable<uint> words) => [.. words.SelectMany(w =>
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, w);
        return bytes;
    })];
}
