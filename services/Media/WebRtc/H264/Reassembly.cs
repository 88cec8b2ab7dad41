using System.Buffers;
using System.Buffers.Binary;

namespace CloudPhone.Media.WebRtc.H264;

/// <summary>Puts a cut frame together again, for those who are not sent packets.</summary>
static class Reassembly
{
    const byte KindMask = 0x1F, StapA = 24, FuA = 28, StartBit = 0x80;
    static ReadOnlySpan<byte> StartCode => [0, 0, 0, 1];

    /// <summary>Writes the access unit in Annex B, its parameter sets included.</summary>
    public static void Write(Frame frame, IBufferWriter<byte> output)
    {
        for (var i = 0; i < frame.Count; i++)
        {
            var payload = frame[i];
            switch (payload[0] & KindMask)
            {
                case StapA:
                    for (var rest = payload[1..]; rest.Length > 2;)
                    {
                        var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
                        output.Write(StartCode);
                        output.Write(rest.Slice(2, length));
                        rest = rest[(2 + length)..];
                    }
                    break;
                case FuA:
                    if ((payload[1] & StartBit) != 0)
                    {
                        output.Write(StartCode);
                        output.Write([(byte)((payload[0] & ~KindMask) | (payload[1] & KindMask))]);
                    }
                    output.Write(payload[2..]);
                    break;
                default:
                    output.Write(StartCode);
                    output.Write(payload);
                    break;
            }
        }
    }
}
