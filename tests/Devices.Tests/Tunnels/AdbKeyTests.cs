using System.Buffers.Binary;
using System.Security.Cryptography;
using CloudPhone.Devices.Tunnels;

namespace CloudPhone.Devices.Tests.Tunnels;

/// <summary>Android's own form of public keys.</summary>
public sealed class AdbKeyTests
{
    /// <summary>As adb writes it; what only speeds up others is left zero.</summary>
    internal static string TextOf(RSA rsa, string comment = " user@host\n")
    {
        var key = rsa.ExportParameters(false);
        var bytes = new byte[524];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 64);
        key.Modulus!.Reverse().ToArray().CopyTo(bytes, 8);
        key.Exponent!.Reverse().ToArray().CopyTo(bytes, 520);
        return Convert.ToBase64String(bytes) + comment;
    }

    [Theory]
    [InlineData("")]
    [InlineData(" user@host")]
    [InlineData("\r\n")]
    public void Who_has_the_key_is_known_and_nobody_else(string comment)
    {
        using var rsa = RSA.Create(2048);
        using var other = RSA.Create(2048);
        var key = AdbKey.Parse(TextOf(rsa, comment))!;
        var token = RandomNumberGenerator.GetBytes(20);
        var signature = rsa.SignHash(token, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
        Assert.True(key.HasSigned(token, signature));
        Assert.True(AdbKey.Parse(key.Text)!.HasSigned(token, signature));
        Assert.False(key.HasSigned(RandomNumberGenerator.GetBytes(20), signature));
        Assert.False(key.HasSigned(token,
            other.SignHash(token, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1)));
        Assert.False(key.HasSigned(token, signature.AsSpan(1)));
        Assert.False(key.HasSigned(token, []));
        signature[100] ^= 1;
        Assert.False(key.HasSigned(token, signature));
    }

    [Fact]
    public void What_is_no_such_key_is_not_taken()
    {
        using var rsa = RSA.Create(2048);
        var good = Convert.FromBase64String(TextOf(rsa, ""));
        Assert.NotNull(AdbKey.Parse(Convert.ToBase64String(good)));
        foreach (var (at, value) in new[] { (0, 32), (8, good[8] & 0xFE), (263, 0x7F), (520, 2), (523, 1) })
        {
            var wrong = (byte[])good.Clone();
            wrong[at] = (byte)value;
            Assert.Null(AdbKey.Parse(Convert.ToBase64String(wrong)));
        }
        foreach (var text in new[]
        {
            null, "", " ", "ssh-rsa AAAA", Convert.ToBase64String(good[..^1]), Convert.ToBase64String([.. good, 0]),
            new string('A', 2000), TextOf(rsa, new string(' ', 1000)),
        })
            Assert.Null(AdbKey.Parse(text));
    }
}
