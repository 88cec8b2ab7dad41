namespace CloudPhone.Billing.Payments;

/// <summary>The providers that are set up, the preferred one first.</summary>
sealed class PaymentProviders(IEnumerable<IPaymentProvider> providers)
{
    readonly List<IPaymentProvider> _providers = [.. providers];

    /// <param name="name">Null: the preferred one.</param>
    public IPaymentProvider? Find(string? name) =>
        name is null ? _providers.FirstOrDefault() : _providers.Find(p => p.Name == name);

    public string Names => string.Join(" or ", _providers.Select(p => p.Name));
}
