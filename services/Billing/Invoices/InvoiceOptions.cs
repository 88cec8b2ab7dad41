using CloudPhone.Shared.Hosting;

namespace CloudPhone.Billing.Invoices;

/// <summary>Who sells, as new invoices say it.</summary>
/// <param name="SellerDetails">Below the name, like an address and a tax number; null: nothing.</param>
sealed record InvoiceOptions(string SellerName, string? SellerDetails)
{
    /// <exception cref="SettingException">One of them is wrong.</exception>
    public static InvoiceOptions Read(IConfiguration configuration) => new(
        Line(configuration, "INVOICE_SELLER", Invoice.MaxNameLength) ?? "CloudPhone",
        Line(configuration, "INVOICE_SELLER_DETAILS", Invoice.MaxDetailsLength));

    static string? Line(IConfiguration configuration, string name, int maxLength) =>
        configuration[name]?.Trim() switch
        {
            null or "" => null,
            { } text when text.Length <= maxLength && !text.Any(char.IsControl) => text,
            _ => throw new SettingException($"Set {name} to one line of at most {maxLength} characters."),
        };
}
