using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Scheduler.Nodes;

/// <summary>What a node may be said to have.</summary>
static class NodeLimits
{
    public const int MaxCpuCores = 4096;
    public const int MaxMemoryGB = 65536;
    public const int MaxDevices = 10000;

    /// <summary>Null where all that is given is good.</summary>
    public static ProblemHttpResult? Check(string? name, int? cpuCores, int? memoryGB, int? maxDevices)
    {
        if (name is not null && (name.Length is 0 or > Node.MaxName
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')))
            return Problems.BadRequest("bad-request",
                $"name has 1 to {Node.MaxName} letters, digits, dots, hyphens and underscores.");
        return Check("cpuCores", cpuCores, MaxCpuCores) ?? Check("memoryGB", memoryGB, MaxMemoryGB)
            ?? Check("maxDevices", maxDevices, MaxDevices);
    }

    public static ProblemHttpResult? Check(string field, int? value, int max) =>
        value is < 1 || value > max ? Problems.BadRequest("bad-request", $"{field} is a whole number from 1 to {max}.")
            : null;
}
