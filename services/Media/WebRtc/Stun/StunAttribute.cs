namespace CloudPhone.Media.WebRtc.Stun;

/// <summary>The attributes that an ICE-lite agent reads or writes (RFC 8489, RFC 8445).</summary>
enum StunAttribute : ushort
{
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    XorMappedAddress = 0x0020,
    UseCandidate = 0x0025,
    Fingerprint = 0x8028,
}

static class StunFormat
{
    public const int HeaderLength = 20, AttributeHeaderLength = 4, TransactionIdLength = 12;
    public const int IntegrityLength = 20, FingerprintLength = 4;
    public const uint Cookie = 0x2112A442, FingerprintMask = 0x5354554E;
    public const ushort BindingRequest = 0x0001, BindingSuccess = 0x0101;
}
