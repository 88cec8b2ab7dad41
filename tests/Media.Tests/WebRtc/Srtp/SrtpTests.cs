using System.Security.Cryptography;
using CloudPhone.Media.WebRtc.Srtp;

namespace CloudPhone.Media.Tests.WebRtc.Srtp;

public class SrtpTests
{
    public static TheoryData<int> Profiles => [.. SrtpProfiles.Preferred.Select(p => (int)p)];

    [Theory, MemberData(nameof(Profiles))]
    public void Packets_are_opened_by_an_implementation_of_others(int profile)
    {
        var material = RandomNumberGenerator.GetBytes(((SrtpProfile)profile).MaterialLength());
        var server = SrtpSession.ForServer((SrtpProfile)profile, material);
        using var reader = new SrtpReader(SrtpKeys.Split((SrtpProfile)profile, material).Server);
        foreach (var index in new long[]
        {
            0, 1, 65_535, 65_536, 70_000, 0x1_0000_0000 - 1, 0x1_0000_0000, 0x7FFF_1234_5678,
        })
        {
            var payload = RandomNumberGenerator.GetBytes((int)(index % 1100));
            var packet = new byte[1300];
            packet[0] = 0x80;
            packet[1] = 96;
            (packet[2], packet[3]) = ((byte)(index >> 8), (byte)index);
            RandomNumberGenerator.Fill(packet.AsSpan(4, 8));
            var length = server.Media.ProtectRtp(packet, 12, payload, index);
            Assert.Equal(12 + payload.Length + server.Media.Tag, length);
            Assert.Equal(payload, reader.Open(packet.AsSpan(0, length), index));
            packet[length - 1] ^= 1;
            Assert.Null(reader.Open(packet.AsSpan(0, length), index));
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Reports_come_once_and_only_whole(int profile)
    {
        var (server, client) = Pair((SrtpProfile)profile);
        byte[] report = [0x80, 201, 0, 1, 1, 2, 3, 4];
        var packet = new byte[100];
        report.CopyTo(packet, 0);
        var length = client.ProtectRtcp(packet, report.Length);
        var plain = new byte[100];
        for (var bit = 0; bit < length * 8; bit++)
        {
            packet[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(-1, server.UnprotectRtcp(packet.AsSpan(0, length), plain));
            packet[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var shorter = 0; shorter < length; shorter++)
            Assert.Equal(-1, server.UnprotectRtcp(packet.AsSpan(0, shorter), plain));
        Assert.Equal(report.Length, server.UnprotectRtcp(packet.AsSpan(0, length), plain));
        Assert.Equal(report, plain[..report.Length]);
        Assert.Equal(-1, server.UnprotectRtcp(packet.AsSpan(0, length), plain)); // seen before
    }

    [Fact]
    public void The_window_lets_each_index_through_once()
    {
        var window = new ReplayWindow();
        Assert.True(window.Accept(5));
        Assert.False(window.Accept(5));
        Assert.True(window.Accept(3));
        Assert.False(window.Accept(3));
        Assert.True(window.Accept(68));
        Assert.False(window.Accept(5));
        Assert.False(window.Accept(4)); // 64 behind: too old to know
        Assert.True(window.Accept(6));
        Assert.True(window.Accept(1_000_000));
        Assert.False(window.Accept(68));
        Assert.True(window.Accept(999_999));
    }

    static (SrtpSession Server, SrtpSession Client) Pair(SrtpProfile profile)
    {
        var material = RandomNumberGenerator.GetBytes(profile.MaterialLength());
        var (client, server) = SrtpKeys.Split(profile, material);
        return (SrtpSession.ForServer(profile, material), new(profile, client, server));
    }
}
