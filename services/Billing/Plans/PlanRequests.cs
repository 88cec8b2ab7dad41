namespace CloudPhone.Billing.Plans;

/// <param name="PricePerMonth">CNY for 30 days, to the cent.</param>
/// <param name="TotalMemoryGB">GiB.</param>
public sealed record NewPlan(
    string Code, string Name, decimal PricePerMonth, int IncludedHours, int MaxDevices, int TotalCpuCores,
    int TotalMemoryGB, bool IsActive = true)
{
    internal string? Check() =>
        Code is not { Length: >= 1 and <= Plan.MaxCodeLength }
            || !Code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? $"code has 1 to {Plan.MaxCodeLength} of the characters a to z, 0 to 9 and -."
        : new PlanChange(Name, PricePerMonth, IncludedHours, MaxDevices, TotalCpuCores, TotalMemoryGB).Check();

    internal Plan ToPlan(Guid id) => new()
    {
        Id = id, Code = Code, Name = Name.Trim(), PricePerMonth = PricePerMonth, IncludedHours = IncludedHours,
        MaxDevices = MaxDevices, TotalCpuCores = TotalCpuCores, TotalMemoryGB = TotalMemoryGB, IsActive = IsActive,
    };
}

/// <summary>What is null stays.</summary>
public sealed record PlanChange(
    string? Name = null, decimal? PricePerMonth = null, int? IncludedHours = null, int? MaxDevices = null,
    int? TotalCpuCores = null, int? TotalMemoryGB = null, bool? IsActive = null)
{
    const decimal MaxPrice = 1_000_000;

    internal string? Check() =>
        Name is not null
            && (string.IsNullOrWhiteSpace(Name) || Name.Length > Plan.MaxNameLength || Name.Any(char.IsControl))
            ? $"name has 1 to {Plan.MaxNameLength} characters, none of them a control character."
        : PricePerMonth is { } price && (price is < 0 or > MaxPrice || price != decimal.Round(price, 2))
            ? "pricePerMonth is 0 to 1000000 with at most 2 decimals."
        : Outside(IncludedHours, 0, 1_000_000) ? "includedHours is 0 to 1000000."
        : Outside(MaxDevices, 0, 10_000) ? "maxDevices is 0 to 10000."
        : Outside(TotalCpuCores, 0, 100_000) ? "totalCpuCores is 0 to 100000."
        : Outside(TotalMemoryGB, 0, 1_000_000) ? "totalMemoryGB is 0 to 1000000."
        : null;

    internal void ApplyTo(Plan plan)
    {
        plan.Name = Name?.Trim() ?? plan.Name;
        plan.PricePerMonth = PricePerMonth ?? plan.PricePerMonth;
        plan.IncludedHours = IncludedHours ?? plan.IncludedHours;
        plan.MaxDevices = MaxDevices ?? plan.MaxDevices;
        plan.TotalCpuCores = TotalCpuCores ?? plan.TotalCpuCores;
        plan.TotalMemoryGB = TotalMemoryGB ?? plan.TotalMemoryGB;
        plan.IsActive = IsActive ?? plan.IsActive;
    }

    static bool Outside(int? value, int min, int max) => value < min || value > max;
}
