namespace CloudPhone.Sidecar.Actors;

/// <summary>A call of one actor's method, its body read.</summary>
/// <param name="Method">The last part of the path, encoded where it must be: <c>start</c>, <c>remind/boot</c>.</param>
/// <param name="Headers">As the caller sent them, without those of the connection.</param>
/// <param name="Nests">Calls that follow from it may enter the actor again; not so for timers and reminders.</param>
sealed record ActorCall(
    ActorKey Actor, string Method, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Headers,
    bool Nests)
{
    public const string ReentrancyHeader = "Dapr-Reentrancy-Id";

    /// <summary>The chain of calls that this one belongs to; null: it begins one.</summary>
    public string? ReentrancyId =>
        Headers.FirstOrDefault(h =>
            h.Key.Equals(ReentrancyHeader, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } id
            ? id
            : null;

    /// <summary>A call that the sidecar makes itself.</summary>
    public static ActorCall Callback(ActorKey actor, string kind, string name, byte[] json) =>
        new(actor, $"{kind}/{Uri.EscapeDataString(name)}", json, [new("Content-Type", "application/json")],
            Nests: false);

    public ActorCall WithHeader(string name, string value) => this with
    {
        Headers = [.. Headers.Where(h => !h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)), new(name, value)],
    };
}

sealed record ActorAnswer(int Status, byte[] Body, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The app asks to end the timer or reminder that called it.</summary>
    public bool CancelsReminder => Headers.Any(h =>
        h.Key.Equals("X-DaprReminderCancel", StringComparison.OrdinalIgnoreCase)
        && Resources.ComponentMetadata.IsTruthy(h.Value));
}

/// <summary>The app was asked and did not answer 200; the message is what callers of the API read.</summary>
sealed class ActorFailedException(string message) : Exception(message);

/// <summary>Nobody known hosts the type, its sidecar does not deliver now, or can't be reached: the actor was not
/// called.</summary>
sealed class ActorNotHostedException(ActorKey actor, string? why = null)
    : Exception($"did not find address for actor: {actor.Type}/{actor.Id}{(why is null ? "" : $": {why}")}");
