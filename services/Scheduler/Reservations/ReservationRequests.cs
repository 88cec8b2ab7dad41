using CloudPhone.Scheduler.Nodes;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Scheduler.Reservations;

/// <param name="Minutes">How long it waits for room at most.</param>
/// <param name="CpuCores">Unless <paramref name="Template"/> is given.</param>
/// <param name="MemoryGB">GiB, unless <paramref name="Template"/> is given.</param>
/// <param name="Template">The name of a size, in place of the numbers.</param>
/// <param name="StartAt">From when it waits; null: at once.</param>
sealed record NewReservation(
    int Minutes, int? CpuCores = null, int? MemoryGB = null, string? Template = null, DateTimeOffset? StartAt = null)
{
    const int MaxMinutes = 7 * 24 * 60;
    static readonly TimeSpan MaxAhead = TimeSpan.FromDays(30);
    /// <summary>What a clock of the caller's may be behind.</summary>
    static readonly TimeSpan Behind = TimeSpan.FromMinutes(5);

    /// <returns>Null where it is good.</returns>
    public ProblemHttpResult? Check(DateTimeOffset now) =>
        Minutes is < 1 or > MaxMinutes ? Bad($"minutes is a whole number from 1 to {MaxMinutes}.")
        : StartAt < now - Behind || StartAt > now + MaxAhead
            ? Bad($"startAt is from now to {MaxAhead.Days} days ahead.")
        : Template is null
            ? CpuCores is null || MemoryGB is null ? Bad("Give cpuCores and memoryGB, or a template.")
                : NodeLimits.Check("cpuCores", CpuCores, NodeLimits.MaxCpuCores)
                    ?? NodeLimits.Check("memoryGB", MemoryGB, NodeLimits.MaxMemoryGB)
        : CpuCores is not null || MemoryGB is not null ? Bad("Give a template or numbers, not both.") : null;

    /// <returns>The size that is asked for, or why it can't be had.</returns>
    public (Size? Size, ProblemHttpResult? Problem) SizeOf(PhoneOffer offer)
    {
        if (offer.Refusal is { } refusal)
            return (null, Problems.Forbidden(refusal, offer.Reason ?? "No phone is made for this user."));
        if (Template is null)
            return (NodeLimits.Check("cpuCores", CpuCores, offer.MaxCpuCores)
                ?? NodeLimits.Check("memoryGB", MemoryGB, offer.MaxMemoryGB)) is { } bad
                    ? (null, bad) : (new("", CpuCores!.Value, MemoryGB!.Value), null);
        return offer.Templates.FirstOrDefault(s => s.Name == Template) is { } named ? (named, null)
            : (null, Problems.BadRequest("unknown-template",
                $"template is one of {string.Join(", ", offer.Templates.Select(s => s.Name))}."));
    }

    static ProblemHttpResult Bad(string detail) => Problems.BadRequest("bad-request", detail);

    public Reservation ToReservation(Guid id, Guid userId, Size size, DateTimeOffset now)
    {
        var isLater = StartAt > now;
        var start = isLater ? StartAt!.Value : now;
        var end = start.AddMinutes(Minutes);
        return new()
        {
            Id = id, UserId = userId, CpuCores = size.CpuCores, MemoryGB = size.MemoryGB, Template = Template,
            CreatedAt = now, StartAt = start, EndsAt = end, QueuedAt = isLater ? null : start,
            DueAt = isLater ? start : end,
        };
    }
}
