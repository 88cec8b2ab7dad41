using CloudPhone.Sidecar.App;

namespace CloudPhone.Sidecar.NameResolution;

/// <summary>An instance of an app: in this process, or behind the internal port of another sidecar process.</summary>
sealed class PeerAddress
{
    long _avoidedSince;

    /// <param name="authority">Host and internal port of its sidecar.</param>
    public PeerAddress(string authority) => Authority = authority;

    public PeerAddress(AppChannel local) => (Local, Authority) = (local, local.Authority);

    /// <summary>The app itself where its sidecar lives in this process; null: call its sidecar.</summary>
    public AppChannel? Local { get; }

    /// <summary>Host and port to send to.</summary>
    public string Authority { get; }

    /// <summary>It could not be connected to: others are to be preferred for a while.</summary>
    public void Avoid(TimeProvider time) => Volatile.Write(ref _avoidedSince, time.GetTimestamp());

    /// <summary>True for so long after <see cref="Avoid"/>.</summary>
    public bool IsAvoided(TimeProvider time, TimeSpan duration) =>
        Volatile.Read(ref _avoidedSince) is not 0 and var since && time.GetElapsedTime(since) < duration;
}
