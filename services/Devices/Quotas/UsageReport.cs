using System.ComponentModel.DataAnnotations;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Quotas;

/// <summary>A report that the user service has not taken yet. The row goes when it has.</summary>
sealed class UsageReport : DueRow
{
    public const string Increment = "increment";
    public const string Decrement = "decrement";

    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    public int CpuCores { get; set; }
    public int MemoryGB { get; set; }
    [MaxLength(16)]
    public required string Operation { get; set; }

    public static UsageReport Of(Device d, string operation, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now), DeviceId = d.Id, UserId = d.UserId, CpuCores = d.CpuCores, MemoryGB = d.MemoryGB,
        Operation = operation, NextAttemptAt = now, RequestId = d.RequestId,
        TraceParent = d.TraceParent,
    };
}
