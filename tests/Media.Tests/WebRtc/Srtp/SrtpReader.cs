using System.Buffers.Binary;
using CloudPhone.Media.WebRtc.Srtp;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace CloudPhone.Media.Tests.WebRtc.Srtp;

/// <summary>
/// The viewer's side, which opens media: written a second time, with another library, so that it does not share the
/// sender's mistakes.
/// </summary>
sealed class SrtpReader : IDisposable
{
    readonly SrtpProfile _profile;
    readonly byte[] _key, _salt;
    readonly HMac _mac = new(new Sha1Digest());
    readonly System.Security.Cryptography.AesGcm? _gcm;

    /// <param name="master">The sender's.</param>
    public SrtpReader(SrtpKeys master)
    {
        _profile = master.Profile;
        _key = Derive(master, 0, 16);
        _salt = Derive(master, 2, _profile.SaltLength());
        _mac.Init(new KeyParameter(Derive(master, 1, 20)));
        if (_profile == SrtpProfile.AeadAes128Gcm)
            _gcm = new(_key, 16);
    }

    /// <returns>The payload; null: it is not genuine.</returns>
    public byte[]? Open(ReadOnlySpan<byte> packet, long index)
    {
        var header = 12 + ((packet[0] & 0x10) == 0 ? 0
            : 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[14..]));
        var wraps = (uint)(index >> 16);
        var ssrc = packet.Slice(8, 4);
        var counter = new byte[16];
        _salt.CopyTo(counter, 0);
        return _profile == SrtpProfile.AeadAes128Gcm
            ? OpenGcm(packet, header, counter[..12], wraps, ssrc) : OpenCounter(packet, header, counter, wraps, ssrc);
    }

    byte[]? OpenGcm(ReadOnlySpan<byte> packet, int header, byte[] nonce, uint wraps, ReadOnlySpan<byte> ssrc)
    {
        byte[] number = [0, 0, .. ssrc, (byte)(wraps >> 24), (byte)(wraps >> 16), (byte)(wraps >> 8), (byte)wraps,
            packet[2], packet[3]];
        for (var i = 0; i < 12; i++)
            nonce[i] ^= number[i];
        var plain = new byte[packet.Length - header - 16];
        try
        {
            _gcm!.Decrypt(nonce, packet[header..^16], packet[^16..], plain, packet[..header]);
            return plain;
        }
        catch (System.Security.Cryptography.AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    byte[]? OpenCounter(ReadOnlySpan<byte> packet, int header, byte[] counter, uint wraps, ReadOnlySpan<byte> ssrc)
    {
        var tag = new byte[20];
        byte[] signed = [.. packet[..^10], (byte)(wraps >> 24), (byte)(wraps >> 16), (byte)(wraps >> 8), (byte)wraps];
        _mac.BlockUpdate(signed, 0, signed.Length);
        _mac.DoFinal(tag, 0);
        if (!packet[^10..].SequenceEqual(tag.AsSpan(0, 10)))
            return null;
        byte[] number = [.. ssrc, (byte)(wraps >> 24), (byte)(wraps >> 16), (byte)(wraps >> 8), (byte)wraps,
            packet[2], packet[3]];
        for (var i = 0; i < number.Length; i++)
            counter[4 + i] ^= number[i];
        return Stream(_key, counter, packet[header..^10].ToArray());
    }

    static byte[] Derive(SrtpKeys master, byte label, int length)
    {
        var counter = new byte[16];
        master.Salt.CopyTo(counter, 0);
        counter[7] ^= label;
        return Stream(master.Key, counter, new byte[length]);
    }

    static byte[] Stream(byte[] key, byte[] counter, byte[] data)
    {
        var cipher = new BufferedBlockCipher(new SicBlockCipher(AesUtilities.CreateEngine()));
        cipher.Init(true, new ParametersWithIV(new KeyParameter(key), counter));
        return cipher.DoFinal(data);
    }

    public void Dispose() => _gcm?.Dispose();
}
