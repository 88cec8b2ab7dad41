using CloudPhone.Billing.Invoices;
using CloudPhone.Shared.Hosting;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Billing.Tests.Invoices;

public sealed class InvoiceOptionsTests
{
    static InvoiceOptions Read(string? seller, string? details = null) => InvoiceOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["INVOICE_SELLER"] = seller, ["INVOICE_SELLER_DETAILS"] = details,
        }).Build());

    [Fact]
    public void Without_settings_CloudPhone_sells()
    {
        Assert.Equal(new("CloudPhone", null), Read(null));
        Assert.Equal(new("CloudPhone", null), Read(" ", ""));
        Assert.Equal(new("某公司", "上海"), Read(" 某公司 ", "上海"));
    }

    [Theory]
    [InlineData(101, "")]
    [InlineData(1, "a\nb")]
    public void A_wrong_one_says_what_to_set(int length, string details)
    {
        var e = Assert.Throws<SettingException>(() => Read(new('x', length), details));
        Assert.StartsWith("Set INVOICE_SELLER", e.Message);
    }
}
