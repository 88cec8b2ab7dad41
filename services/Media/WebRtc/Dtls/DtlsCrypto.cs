using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// The library's, but a record that is not genuine is as if it had not come (RFC 6347, 4.1.2.7). The library would end
/// the session with it, and anybody can send one from a viewer's address.
/// </summary>
sealed class DtlsCrypto : BcTlsCrypto
{
    public override TlsCipher CreateCipher(
        TlsCryptoParameters cryptoParams, int encryptionAlgorithm, int macAlgorithm) =>
        new Forgiving(base.CreateCipher(cryptoParams, encryptionAlgorithm, macAlgorithm));

    sealed class Forgiving(TlsCipher cipher) : TlsCipher
    {
        /// <summary>The library drops what is longer than a record can be.</summary>
        static readonly TlsDecodeResult Dropped = new([], 0, int.MaxValue, ContentType.application_data);

        public bool UsesOpaqueRecordType => cipher.UsesOpaqueRecordType;

        public TlsDecodeResult DecodeCiphertext(
            long seqNo, short recordType, ProtocolVersion recordVersion, byte[] ciphertext, int offset, int len)
        {
            try
            {
                return cipher.DecodeCiphertext(seqNo, recordType, recordVersion, ciphertext, offset, len);
            }
            catch (TlsFatalAlert)
            {
                return Dropped;
            }
        }

        public TlsEncodeResult EncodePlaintext(
            long seqNo, short contentType, ProtocolVersion recordVersion, int headerAllocation, byte[] plaintext,
            int offset, int len) =>
            cipher.EncodePlaintext(seqNo, contentType, recordVersion, headerAllocation, plaintext, offset, len);

        public TlsEncodeResult EncodePlaintext(
            long seqNo, short contentType, ProtocolVersion recordVersion, int headerAllocation,
            ReadOnlySpan<byte> plaintext) =>
            cipher.EncodePlaintext(seqNo, contentType, recordVersion, headerAllocation, plaintext);

        public int GetCiphertextDecodeLimit(int plaintextLimit) => cipher.GetCiphertextDecodeLimit(plaintextLimit);

        public int GetCiphertextEncodeLimit(int plaintextLength, int plaintextLimit) =>
            cipher.GetCiphertextEncodeLimit(plaintextLength, plaintextLimit);

        public int GetPlaintextLimit(int ciphertextLimit) => cipher.GetPlaintextLimit(ciphertextLimit);

        public void RekeyDecoder() => cipher.RekeyDecoder();

        public void RekeyEncoder() => cipher.RekeyEncoder();
    }
}
