using CloudPhone.Media.WebRtc.Srtp;

namespace CloudPhone.Media.Tests.WebRtc.Srtp;

/// <summary>RFC 3711, appendix B, and RFC 7714, 16 and 17.</summary>
public class SrtpVectorTests
{
    static readonly byte[] GcmKey = Hex.Bytes("000102030405060708090a0b0c0d0e0f");
    static readonly byte[] GcmSalt = "Quid pro quo"u8.ToArray();

    [Theory]
    [InlineData(SrtpKeyDerivation.RtpKey, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(SrtpKeyDerivation.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(SrtpKeyDerivation.RtpAuthentication,
        "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A"
        + "369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2DC68")]
    public void Keys_are_derived_as_in_B_3(byte label, string expected)
    {
        var master = new SrtpKeys(SrtpProfile.AesCm128HmacSha1,
            Hex.Bytes("E1F97A0D3E018BE0D64FA32C06DE4139"), Hex.Bytes("0EC675AD498AFEEBB6960B3AABE6"));
        Assert.Equal(Hex.Bytes(expected), SrtpKeyDerivation.Derive(master, label, expected.Length / 2));
    }

    [Fact]
    public void The_key_stream_is_that_of_B_2()
    {
        using var stream = new CounterStream(
            Hex.Bytes("2B7E151628AED2A6ABF7158809CF4F3C"), Hex.Bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
        var output = new byte[48];
        stream.Apply(new byte[48], output, ssrc: 0, index: 0);
        Assert.Equal(Hex.Bytes(
            "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0"),
            output);
    }

    [Fact]
    public void A_packet_is_sealed_as_in_16_1_1()
    {
        using var cipher = new GcmCipher(GcmKey, GcmSalt, GcmKey, GcmSalt);
        var packet = new byte[100];
        Hex.Bytes("8040f17b 8041f8d3 5501a0b2").CopyTo(packet, 0);
        var length = cipher.ProtectRtp(packet, 12, "Gallia est omnis divisa in partes tres"u8, 0xF17B);
        Assert.Equal(Hex.Bytes("""
            8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a
            51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce
            """), packet[..length]);
    }

    static readonly byte[] Report = Hex.Bytes("""
        81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
        deadbeef deadbeef deadbeef deadbeef deadbeef
        """);

    static readonly byte[] SealedReport = Hex.Bytes("""
        81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda
        4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4
        """);

    [Fact]
    public void A_report_is_sealed_as_in_17_1()
    {
        using var cipher = new GcmCipher(GcmKey, GcmSalt, GcmKey, GcmSalt);
        var packet = new byte[200];
        Report.CopyTo(packet, 0);
        var length = cipher.ProtectRtcp(packet, Report.Length, 0x5D4);
        Assert.Equal(SealedReport, packet[..length]);
    }

    [Fact]
    public void A_report_is_opened_as_in_17_2()
    {
        using var cipher = new GcmCipher(GcmKey, GcmSalt, GcmKey, GcmSalt);
        var plain = new byte[200];
        var length = cipher.UnprotectRtcp(SealedReport, plain, out var index);
        Assert.Equal(Report, plain[..length]);
        Assert.Equal(0x5D4u, index);
    }
}
