using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Scheduler.Reservations;

public enum ReservationState
{
    /// <summary>For its time to come or, from then on, for room.</summary>
    Waiting,
    /// <summary>A node holds room for it.</summary>
    Ready,
    /// <summary>A phone was made with it and has its room.</summary>
    Used,
    /// <summary>Its time went by: there was no room, or nobody used it.</summary>
    Expired,
    Cancelled,
}

/// <summary>
/// What a user waits for: room for a phone of this size. Its state is only ever changed by one statement with its
/// condition, which also tells who came first.
/// </summary>
public sealed class Reservation : IEntity
{
    public const int MaxTemplate = 32;

    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public int CpuCores { get; set; }
    /// <summary>GiB.</summary>
    public int MemoryGB { get; set; }
    /// <summary>The name of the size, where it was asked for by name.</summary>
    [MaxLength(MaxTemplate)]
    public string? Template { get; set; }
    public ReservationState State { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>From when it waits for room.</summary>
    public DateTimeOffset StartAt { get; set; }
    /// <summary>Until when it does: the minutes that were asked for after <see cref="StartAt"/>. It never
    /// changes.</summary>
    public DateTimeOffset EndsAt { get; set; }
    /// <summary>Its place in the queue: since when its user has waited without getting anything. Null: it is not in the
    /// queue.</summary>
    public DateTimeOffset? QueuedAt { get; set; }
    /// <summary>Where its room is held, or was when the phone took it.</summary>
    public Guid? NodeId { get; set; }
    /// <summary>Until when the room is held at most.</summary>
    public DateTimeOffset? ReadyUntil { get; set; }
    /// <summary>The node whose room is kept from others until it is enough for this one.</summary>
    public Guid? SavingNodeId { get; set; }
    /// <summary>When room that was held for it was taken away last, as the node takes no phones any more.</summary>
    public DateTimeOffset? RoomLostAt { get; set; }
    /// <summary>The phone that was made with it.</summary>
    public Guid? DeviceId { get; set; }
    /// <summary>A word of <see cref="EndReasons"/>.</summary>
    [MaxLength(32)]
    public string? EndReason { get; set; }
    /// <summary>When it goes on by itself: it joins the queue, leaves it, or gives its room back. Null: it is
    /// over.</summary>
    public DateTimeOffset? DueAt { get; set; }
}

static class EndReasons
{
    /// <summary>It waited until its end.</summary>
    public const string NoRoom = "no-room";
    /// <summary>Room was held, and no phone was made with it in time.</summary>
    public const string Unused = "unused";
    /// <summary>Room was held until its node took no phones any more, and the time to wait for other room is
    /// over.</summary>
    public const string RoomLost = "room-lost";
    public const string User = "user";
    public const string Operator = "operator";
    public const string Suspended = "suspended";
}
