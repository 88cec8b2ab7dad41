using System.Security.Cryptography;
using CloudPhone.Media.WebRtc.Srtp;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using HashAlgorithm = Org.BouncyCastle.Tls.HashAlgorithm;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

/// <summary>A browser's half of the handshake.</summary>
/// <param name="certificate">Null: it shows none.</param>
/// <param name="serverFingerprint">As the answer has announced it.</param>
sealed class TestDtlsClient(TestCertificate? certificate, byte[] serverFingerprint, params SrtpProfile[] profiles)
    : DefaultTlsClient(new BcTlsCrypto())
{
    public SrtpProfile Profile { get; private set; }

    public byte[]? Material { get; private set; }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        var extensions = base.GetClientExtensions();
        TlsSrtpUtilities.AddUseSrtpExtension(extensions, new([.. profiles.Select(p => (int)p)], []));
        return extensions;
    }

    public override void ProcessServerExtensions(IDictionary<int, byte[]> serverExtensions)
    {
        base.ProcessServerExtensions(serverExtensions);
        Profile = (SrtpProfile)Assert.Single(TlsSrtpUtilities.GetUseSrtpExtension(serverExtensions).ProtectionProfiles);
    }

    public override void NotifyHandshakeComplete() => Material =
        m_context.ExportKeyingMaterial(ExporterLabel.dtls_srtp, null, Profile.MaterialLength());

    public override TlsAuthentication GetAuthentication() => new Authentication(this);

    sealed class Authentication(TestDtlsClient client) : TlsAuthentication
    {
        public void NotifyServerCertificate(TlsServerCertificate serverCertificate) => Assert.Equal(
            client.ServerFingerprint, SHA256.HashData(serverCertificate.Certificate.GetCertificateAt(0).GetEncoded()));

        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => client.Credentials();
    }

    byte[] ServerFingerprint => serverFingerprint;

    TlsCredentials? Credentials()
    {
        if (certificate is null)
            return null;
        var crypto = (BcTlsCrypto)Crypto;
        return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(m_context), crypto, certificate.Key,
            new Certificate([new BcTlsCertificate(crypto, certificate.Encoded)]),
            SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
    }
}
