using System.Buffers.Binary;
using System.Security.Cryptography;
using static CloudPhone.Media.WebRtc.Stun.StunFormat;

namespace CloudPhone.Media.WebRtc.Stun;

/// <summary>A binding request as browsers check their candidates with; a view on the datagram.</summary>
readonly ref struct StunRequest
{
    /// <summary>No check of connectivity comes near it; so what is copied for the check of its integrity is
    /// bounded.</summary>
    public const int MaxLength = 1024;

    readonly ReadOnlySpan<byte> _message;
    readonly int _integrityAt;

    StunRequest(ReadOnlySpan<byte> message, int integrityAt, ReadOnlySpan<byte> username, bool useCandidate)
    {
        _message = message;
        _integrityAt = integrityAt;
        Username = username;
        UseCandidate = useCandidate;
    }

    public ReadOnlySpan<byte> TransactionId => _message.Slice(8, TransactionIdLength);

    /// <summary>The answerer's fragment, a colon, the offerer's.</summary>
    public ReadOnlySpan<byte> Username { get; }

    public bool UseCandidate { get; }

    /// <summary>Whether it is a well-formed request with a right fingerprint; who sent it is not said by
    /// that.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunRequest request)
    {
        request = default;
        if (datagram.Length is < HeaderLength or > MaxLength
            || BinaryPrimitives.ReadUInt16BigEndian(datagram) != BindingRequest
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderLength
            || BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != Cookie)
            return false;
        var (integrityAt, useCandidate) = (0, false);
        var username = ReadOnlySpan<byte>.Empty;
        for (var at = HeaderLength; at + AttributeHeaderLength <= datagram.Length;)
        {
            var kind = (StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            var next = at + AttributeHeaderLength + ((length + 3) & ~3);
            if (next > datagram.Length)
                return false;
            var value = datagram.Slice(at + AttributeHeaderLength, length);
            if (kind == StunAttribute.Fingerprint)
            {
                if (next != datagram.Length || integrityAt == 0 || !IsFingerprint(datagram[..at], value))
                    return false;
                request = new(datagram, integrityAt, username, useCandidate);
                return true;
            }
            if (integrityAt > 0)
            {
                at = next; // not covered by the integrity: to be ignored
                continue;
            }
            if (kind == StunAttribute.MessageIntegrity)
                integrityAt = length == IntegrityLength ? at : -1;
            else if (kind == StunAttribute.Username)
                username = value;
            else if (kind == StunAttribute.UseCandidate)
                useCandidate = true;
            if (integrityAt < 0)
                return false;
            at = next;
        }
        return false;
    }

    /// <summary>Whether its sender knows the password; compared in constant time.</summary>
    public bool IsSignedWith(ReadOnlySpan<byte> password)
    {
        Span<byte> mine = stackalloc byte[IntegrityLength];
        StunIntegrity.Compute(_message[.._integrityAt], password, mine);
        return CryptographicOperations.FixedTimeEquals(
            mine, _message.Slice(_integrityAt + AttributeHeaderLength, IntegrityLength));
    }

    static bool IsFingerprint(ReadOnlySpan<byte> covered, ReadOnlySpan<byte> value) =>
        value.Length == FingerprintLength
        && BinaryPrimitives.ReadUInt32BigEndian(value) == (Crc32.Of(covered) ^ FingerprintMask);
}
