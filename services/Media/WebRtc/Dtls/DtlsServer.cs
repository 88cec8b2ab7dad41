using System.Security.Cryptography;
using CloudPhone.Media.WebRtc.Srtp;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using HashAlgorithm = Org.BouncyCastle.Tls.HashAlgorithm;

namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// What the server says in one handshake: DTLS 1.2 with forward secrecy, a certificate on both sides, keys for SRTP.
/// </summary>
/// <param name="fingerprint">SHA-256 of the certificate that the offer announced.</param>
/// <param name="timeout">For the whole handshake.</param>
sealed class DtlsServer(
    BcTlsCrypto crypto, DtlsCertificate certificate, byte[] fingerprint, TimeSpan timeout) : DefaultTlsServer(crypto)
{
    const int FirstResendMillis = 200;
    static readonly SignatureAndHashAlgorithm[] Signatures =
    [
        SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa),
        SignatureAndHashAlgorithm.GetInstance(HashAlgorithm.sha256, SignatureAlgorithm.rsa),
    ];

    SrtpProfile? _profile;

    /// <summary>There once the handshake is done.</summary>
    public SrtpSession? Session { get; private set; }

    /// <summary>The browser has said that it is over.</summary>
    public bool IsOver { get; private set; }

    public override int GetHandshakeTimeoutMillis() => (int)timeout.TotalMilliseconds;

    public override int GetHandshakeResendTimeMillis() => FirstResendMillis;

    public override bool RequiresExtendedMasterSecret() => true;

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() =>
        [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384];

    protected override TlsCredentialedSigner GetECDsaSignerCredentials() => new BcDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(m_context), crypto, certificate.Key,
        new Certificate([new BcTlsCertificate(crypto, certificate.Encoded)]), Signatures[0]);

    public override CertificateRequest GetCertificateRequest() =>
        new([ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign], Signatures, null);

    /// <summary>That the client has its key is checked after this by its signature.</summary>
    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        if (clientCertificate is null || clientCertificate.IsEmpty || !CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(clientCertificate.GetCertificateAt(0).GetEncoded()), fingerprint))
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
    }

    public override void ProcessClientExtensions(IDictionary<int, byte[]> clientExtensions)
    {
        base.ProcessClientExtensions(clientExtensions);
        var offered = TlsSrtpUtilities.GetUseSrtpExtension(clientExtensions)?.ProtectionProfiles ?? [];
        _profile = SrtpProfiles.Preferred.Cast<SrtpProfile?>().FirstOrDefault(p => offered.Contains((int)p!));
        if (_profile is null)
            throw new TlsFatalAlert(AlertDescription.insufficient_security);
    }

    public override IDictionary<int, byte[]> GetServerExtensions()
    {
        var extensions = base.GetServerExtensions() ?? new Dictionary<int, byte[]>();
        TlsSrtpUtilities.AddUseSrtpExtension(extensions, new([(int)_profile!], TlsUtilities.EmptyBytes));
        return extensions;
    }

    public override void NotifyAlertReceived(short alertLevel, short alertDescription) =>
        IsOver |= alertLevel == AlertLevel.fatal || alertDescription == AlertDescription.close_notify;

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        var profile = _profile!.Value;
        var material = m_context.ExportKeyingMaterial(ExporterLabel.dtls_srtp, null, profile.MaterialLength());
        Session = SrtpSession.ForServer(profile, material);
        CryptographicOperations.ZeroMemory(material);
    }
}
