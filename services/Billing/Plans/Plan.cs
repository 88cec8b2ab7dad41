using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Plans;

/// <summary>
/// What can be bought by the month. A change holds for orders to come: what was ordered keeps its price, what was paid
/// its hours and limits.
/// </summary>
public sealed class Plan : IEntity, IVersioned
{
    public const int MaxCodeLength = 32;
    public const int MaxNameLength = 100;

    public Guid Id { get; init; }
    /// <summary>A stable word; never changed.</summary>
    [MaxLength(MaxCodeLength)]
    public required string Code { get; init; }
    [MaxLength(MaxNameLength)]
    public required string Name { get; set; }
    /// <summary>CNY for 30 days. One without a price can't be ordered.</summary>
    public decimal PricePerMonth { get; set; }
    /// <summary>Hours of running phones that each 30 days include, whichever phones they are.</summary>
    public int IncludedHours { get; set; }
    public int MaxDevices { get; set; }
    public int TotalCpuCores { get; set; }
    /// <summary>GiB.</summary>
    public int TotalMemoryGB { get; set; }
    /// <summary>False: it is not offered any more. What was paid goes on.</summary>
    public bool IsActive { get; set; }
    public long Version { get; set; } = 1;

    /// <summary>What every installation begins with.</summary>
    internal static IReadOnlyList<Plan> First { get; } =
    [
        Of(1, "free", "Free", 0, 0, 1, 2, 4),
        Of(2, "basic", "Basic", 99, 120, 5, 16, 32),
        Of(3, "pro", "Pro", 299, 400, 20, 64, 128),
        Of(4, "enterprise", "Enterprise", 999, 1500, 100, 400, 800),
    ];

    static Plan Of(int n, string code, string name, decimal price, int hours, int devices, int cores, int memory) =>
        new()
        {
            Id = new($"019a0000-0000-7000-8000-00000000001{n}"), Code = code, Name = name, PricePerMonth = price,
            IncludedHours = hours, MaxDevices = devices, TotalCpuCores = cores, TotalMemoryGB = memory, IsActive = true,
        };
}
