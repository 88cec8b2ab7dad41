using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

/// <summary>A viewer's own.</summary>
sealed record TestCertificate(byte[] Encoded, AsymmetricKeyParameter Key)
{
    public byte[] Fingerprint => SHA256.HashData(Encoded);

    public static TestCertificate Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=viewer", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return new(certificate.RawData, PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey()));
    }
}
