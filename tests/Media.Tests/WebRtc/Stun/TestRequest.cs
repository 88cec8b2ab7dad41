using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CloudPhone.Media.WebRtc.Stun;

namespace CloudPhone.Media.Tests.WebRtc.Stun;

/// <summary>Checks as a browser sends them.</summary>
static class TestRequest
{
    public static byte[] Make(string username, string password, bool useCandidate = true, byte[]? transaction = null)
    {
        var message = new List<byte> { 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42 };
        message.AddRange(transaction ?? RandomNumberGenerator.GetBytes(12));
        Add(message, 0x0006, Encoding.ASCII.GetBytes(username));
        Add(message, 0x0024, [0x6E, 0, 1, 0xFF]); // priority
        Add(message, 0x802A, RandomNumberGenerator.GetBytes(8)); // controlling
        if (useCandidate)
            Add(message, 0x0025, []);
        SetLength(message, 24);
        Add(message, 0x0008, HMACSHA1.HashData(Encoding.ASCII.GetBytes(password), message.ToArray()));
        SetLength(message, 8);
        var crc = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.Of(message.ToArray()) ^ 0x5354554E);
        Add(message, 0x8028, crc);
        return [.. message];
    }

    /// <summary>As if that much were still to come.</summary>
    static void SetLength(List<byte> message, int more)
    {
        var length = message.Count - 20 + more;
        (message[2], message[3]) = ((byte)(length >> 8), (byte)length);
    }

    static void Add(List<byte> message, ushort kind, byte[] value)
    {
        message.AddRange([(byte)(kind >> 8), (byte)kind, (byte)(value.Length >> 8), (byte)value.Length, .. value]);
        while (message.Count % 4 != 0)
            message.Add(0);
    }
}
