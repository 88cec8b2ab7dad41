namespace CloudPhone.Media.Tests.WebRtc.H264;

/// <summary>The viewer's side of RFC 6184: payloads in their order become NAL units.</summary>
sealed class Depacketizer
{
    readonly List<byte> _fragments = [];

    public List<byte[]> Units { get; } = [];

    public void Add(ReadOnlySpan<byte> payload)
    {
        switch (payload[0] & 0x1F)
        {
            case 24:
                for (var rest = payload[1..]; !rest.IsEmpty;)
                {
                    var length = (rest[0] << 8) | rest[1];
                    Units.Add(rest.Slice(2, length).ToArray());
                    rest = rest[(2 + length)..];
                }
                break;
            case 28:
                if ((payload[1] & 0x80) != 0)
                {
                    Assert.Empty(_fragments);
                    _fragments.Add((byte)((payload[0] & 0xE0) | (payload[1] & 0x1F)));
                }
                Assert.NotEmpty(_fragments);
                _fragments.AddRange(payload[2..]);
                if ((payload[1] & 0x40) == 0)
                    break;
                Units.Add([.. _fragments]);
                _fragments.Clear();
                break;
            default:
                Assert.Empty(_fragments);
                Units.Add(payload.ToArray());
                break;
        }
    }
}
