namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What a node had in use right after a change of a placement.</summary>
public sealed record RoomRow(Guid DeviceId, Guid NodeId, string Action, Amount Used);

public sealed record CapacityRow(Guid Id, Amount Capacity);

/// <summary>A change of a phone's state.</summary>
/// <param name="From">Null: it began to exist.</param>
/// <param name="To">Null: it is gone.</param>
public sealed record MoveRow(Guid DeviceId, string? From, string? To, DateTimeOffset At, long Version);

/// <summary>A phone that is or was there.</summary>
public sealed record OwnedRow(Guid DeviceId, Guid UserId, Amount Size);

/// <summary>What a user may have, where that has never changed.</summary>
public sealed record LimitRow(Guid UserId, Amount Limit);

/// <summary>A row that names one of another service.</summary>
public sealed record ReferenceRow(string What, Guid Id, string Names, Guid Named);

/// <summary>What a service has sent, by id, and which events it has handled.</summary>
/// <param name="Handles">The kinds that it has a handler for.</param>
public sealed record ServiceEvents(
    string AppId, IReadOnlyDictionary<Guid, string> Sent, IReadOnlySet<Guid> Handled, IReadOnlySet<string> Handles);

/// <summary>A change that billing has heard of; device.created tells of none.</summary>
public sealed record FactRow(Guid DeviceId, long Version, string Kind)
{
    /// <summary>A phone that breaks in the boot of its start has not been told as started: when it heals, that and its
    /// recovery are told by one change, whose version is that of the second.</summary>
    public bool IsOf(MoveRow move) => move.Version == Version
        || (Kind == "Started" && move is { From: "Recovering", To: "Running" } && move.Version == Version + 1);
}
