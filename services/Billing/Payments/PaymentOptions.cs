using CloudPhone.Shared.Hosting;

namespace CloudPhone.Billing.Payments;

/// <summary>The settings of payments, read and checked at start.</summary>
/// <param name="PublicUrl">Where users reach the platform; without a slash at its end.</param>
/// <param name="ReturnUrl">Where a provider sends users back to.</param>
/// <param name="TopUpQuotaDays">Days by which a top-up extends the quota's validity.</param>
/// <param name="TopUpQuotaMinimum">CNY: a smaller top-up extends nothing.</param>
/// <param name="SandboxSecret">Null: there is no sandbox.</param>
/// <param name="Stripe">Null: nothing is paid through Stripe.</param>
sealed record PaymentOptions(
    string PublicUrl, string ReturnUrl, int TopUpQuotaDays, decimal TopUpQuotaMinimum, string? SandboxSecret,
    StripeSettings? Stripe)
{
    const int MinSecretLength = 32;

    /// <exception cref="SettingException">One of them is wrong.</exception>
    public static PaymentOptions Read(IConfiguration configuration)
    {
        var publicUrl = Text(configuration.Address("PUBLIC_URL") ?? new("http://localhost:30000"));
        return new(publicUrl, configuration.Address("PAYMENT_RETURN_URL") is { } url ? Text(url) : publicUrl,
            configuration.Number("TOPUP_QUOTA_DAYS", 30, 0, 3650), configuration.Amount("TOPUP_QUOTA_MINIMUM", 10),
            configuration.Flag("PAYMENT_SANDBOX", false) ? Secret(configuration) : null,
            StripeSettings.Read(configuration));
    }

    static string Text(Uri uri) => uri.ToString().TrimEnd('/');

    static string Secret(IConfiguration configuration) =>
        configuration["SANDBOX_SECRET"] is { Length: >= MinSecretLength } secret ? secret
        : throw new SettingException(
            $"Set SANDBOX_SECRET to {MinSecretLength} characters or more, or PAYMENT_SANDBOX to false.");
}

/// <param name="ApiBase">Null: Stripe itself.</param>
sealed record StripeSettings(string SecretKey, string WebhookSecret, string? ApiBase)
{
    public static StripeSettings? Read(IConfiguration configuration)
    {
        if (configuration["STRIPE_SECRET_KEY"] is not { Length: > 0 } key)
            return null;
        if (key.Any(char.IsWhiteSpace) || key.Any(c => c > '~'))
            throw new SettingException("Set STRIPE_SECRET_KEY to a key like sk_live_….");
        var secret = configuration.Required("STRIPE_WEBHOOK_SECRET", "the signing secret of the endpoint at Stripe");
        return new(key, secret, configuration.Address("STRIPE_API_BASE")?.ToString().TrimEnd('/'));
    }
}
