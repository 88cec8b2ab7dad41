using System.Net;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Stun;

namespace CloudPhone.Media.Tests.WebRtc.Stun;

/// <summary>The messages of RFC 5769.</summary>
public class StunVectorTests
{
    static readonly byte[] Password = "VOkJxbRl1RmTxUk/WvJxBt"u8.ToArray();

    static readonly byte[] Request = Hex.Bytes("""
        00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
        80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74
        00 24 00 04 6e 00 01 ff 80 29 00 08 93 2f f9 b1 51 26 3b 36
        00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20
        00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2
        80 28 00 04 e5 7a 3b cf
        """);

    [Fact]
    public void The_request_is_read_and_its_signature_holds()
    {
        Assert.True(StunRequest.TryParse(Request, out var request));
        Assert.Equal("evtj:h6vY"u8, request.Username);
        Assert.Equal(Hex.Bytes("b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"), request.TransactionId);
        Assert.False(request.UseCandidate);
        Assert.True(request.IsSignedWith(Password));
        Assert.False(request.IsSignedWith("VOkJxbRl1RmTxUk/WvJxBu"u8));
    }

    [Fact]
    public void Each_changed_bit_of_the_request_is_noticed()
    {
        for (var bit = 0; bit < Request.Length * 8; bit++)
        {
            var changed = (byte[])Request.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(
                StunRequest.TryParse(changed, out var request) && request.IsSignedWith(Password), $"bit {bit}");
        }
    }

    [Fact]
    public void Each_prefix_of_the_request_is_none()
    {
        for (var length = 0; length < Request.Length; length++)
            Assert.False(StunRequest.TryParse(Request.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData("192.0.2.1", "00 01 a1 47 e1 12 a6 43",
        "01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20"
        + "00 20 00 08 00 01 a1 47 e1 12 a6 43", "2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7",
        "c0 7d 4c 96")]
    [InlineData("2001:db8:1234:5678:11:2233:4455:6677",
        "00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9",
        "01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20"
        + "00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9",
        "a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41", "c8 fb 0b 4c")]
    public void Answers_have_their_addresses_signatures_and_fingerprints(
        string address, string mapped, string covered, string integrity, string fingerprint)
    {
        var message = Hex.Bytes(covered);
        var value = new byte[Hex.Bytes(mapped).Length];
        StunAnswer.WriteMapped(
            value, RemoteAddress.From(new IPEndPoint(IPAddress.Parse(address), 32853)), message.AsSpan(4, 16));
        Assert.Equal(Hex.Bytes(mapped), value);

        var hash = new byte[20];
        StunIntegrity.Compute(message, Password, hash);
        Assert.Equal(Hex.Bytes(integrity), hash);

        byte[] whole = [.. message, 0, 8, 0, 20, .. hash];
        Assert.Equal(Hex.Bytes(fingerprint), BitConverter.GetBytes(
            Crc32.Of(whole) ^ StunFormat.FingerprintMask).Reverse());
    }
}
