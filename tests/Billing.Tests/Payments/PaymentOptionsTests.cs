using CloudPhone.Billing.Payments;
using CloudPhone.Shared.Hosting;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Billing.Tests.Payments;

public sealed class PaymentOptionsTests
{
    static PaymentOptions Read(params (string Name, string Value)[] settings) =>
        PaymentOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(s => new KeyValuePair<string, string?>(s.Name, s.Value))).Build());

    [Fact]
    public void Nothing_can_be_paid_unless_it_is_set_up()
    {
        var options = Read();
        Assert.Equal(("http://localhost:30000", 30, null, null),
            (options.PublicUrl, options.TopUpQuotaDays, options.SandboxSecret, options.Stripe));
        Assert.Equal(("https://phones.example", "https://phones.example/paid"), Read(
            ("PUBLIC_URL", "https://phones.example/"), ("PAYMENT_RETURN_URL", "https://phones.example/paid")) switch
        {
            var o => (o.PublicUrl, o.ReturnUrl),
        });
    }

    [Theory]
    [InlineData("SANDBOX_SECRET", "PAYMENT_SANDBOX", "true")]
    [InlineData("SANDBOX_SECRET", "PAYMENT_SANDBOX", "true", "SANDBOX_SECRET", "short")]
    [InlineData("PAYMENT_SANDBOX", "PAYMENT_SANDBOX", "yes")]
    [InlineData("STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY", "sk_live_1")]
    [InlineData("STRIPE_SECRET_KEY", "STRIPE_SECRET_KEY", "sk live")]
    [InlineData("STRIPE_API_BASE", "STRIPE_SECRET_KEY", "sk_1", "STRIPE_WEBHOOK_SECRET", "w", "STRIPE_API_BASE", "x")]
    [InlineData("PUBLIC_URL", "PUBLIC_URL", "phones.example")]
    [InlineData("TOPUP_QUOTA_DAYS", "TOPUP_QUOTA_DAYS", "-1")]
    public void A_wrong_setting_is_named(string named, params string[] settings) =>
        Assert.Contains(named, Assert.Throws<SettingException>(
            () => Read([.. settings.Chunk(2).Select(s => (s[0], s[1]))])).Message);

    [Theory]
    [InlineData(12.34, "CNY", 1234)]
    [InlineData(0.01, "cny", 1)]
    [InlineData(1000000, "CNY", 100000000)]
    [InlineData(500, "JPY", 500)]
    [InlineData(1.5, "KWD", 1500)]
    public void Providers_count_in_the_smallest_unit(double amount, string currency, long minor)
    {
        Assert.Equal(minor, Money.ToMinor((decimal)amount, currency));
        Assert.Equal((decimal)amount, Money.FromMinor(minor, currency));
    }
}
