using CloudPhone.Shared.Auth;
using OtpNet;
using QRCoder;

namespace CloudPhone.Users.TwoFactor;

/// <summary>The secrets behind codes (RFC 6238: SHA-1, 6 digits, 30 s, which every app knows).</summary>
sealed class AuthenticatorSecrets(JwtSettings jwt, TimeProvider clock)
{
    const string Issuer = "CloudPhone";
    const int SecretBytes = 20;
    public const int CodeLength = 6;

    /// <summary>A code is good for the step before its own and the one after it, too: clocks differ.</summary>
    static readonly VerificationWindow Window = new(1, 1);

    readonly SecretBox _box = new(jwt, "two-factor secrets");

    public static byte[] New() => KeyGeneration.GenerateRandomKey(SecretBytes);

    public byte[] Seal(byte[] secret, Guid userId) => _box.Seal(secret, userId.ToString());

    /// <returns>The time step that the code belongs to; null: it is wrong, or the secret can't be read.</returns>
    public long? StepOf(Authenticator authenticator, string code) =>
        _box.Open(authenticator.Secret, authenticator.UserId.ToString()) is { } secret
        && new Totp(secret).VerifyTotp(clock.GetUtcNow().UtcDateTime, code, out var step, Window) ? step : null;

    public static string UriOf(byte[] secret, string username) =>
        new OtpUri(OtpType.Totp, secret, username, Issuer).ToString();

    /// <summary>A picture for the app's camera, as a data URL.</summary>
    public static string QrCodeOf(string uri)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var png = new PngByteQRCode(data);
        return "data:image/png;base64," + Convert.ToBase64String(png.GetGraphic(5));
    }
}
