using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;

namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// This process's own certificate, signed by nobody else: browsers know it by the fingerprint in the answer, which they
/// got over HTTPS.
/// </summary>
sealed class DtlsCertificate
{
    DtlsCertificate(byte[] encoded, AsymmetricKeyParameter key) =>
        (Encoded, Key, Fingerprint) = (encoded, key, SHA256.HashData(encoded));

    /// <summary>DER.</summary>
    public byte[] Encoded { get; }

    public AsymmetricKeyParameter Key { get; }

    /// <summary>SHA-256.</summary>
    public byte[] Fingerprint { get; }

    public static DtlsCertificate Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=CloudPhone", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        return new(certificate.RawData, PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey()));
    }
}
