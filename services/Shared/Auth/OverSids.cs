namespace CloudPhone.Shared.Auth;

/// <summary>Asks the user service which of these sessions and API keys are over, however long ago.</summary>
/// <param name="Sids">At most <see cref="MaxSids"/>.</param>
public sealed record OverSidsRequest(IReadOnlyList<Guid> Sids)
{
    /// <summary>Where it is asked.</summary>
    public const string Path = "/internal/sessions/over";
    /// <summary>In one question.</summary>
    public const int MaxSids = 500;
}

/// <param name="Sids">Those of the question that were ended, have expired, or never were.</param>
public sealed record OverSidsAnswer(IReadOnlyList<Guid> Sids);
