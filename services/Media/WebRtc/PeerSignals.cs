namespace CloudPhone.Media.WebRtc;

/// <summary>What the owner of a peer has to do after what went in.</summary>
[Flags]
enum PeerSignals
{
    None = 0,
    /// <summary>A datagram of the handshake came from an address that has proved itself.</summary>
    Handshake = 1,
    /// <summary>The viewer can't go on without a key frame.</summary>
    KeyFrame = 2,
    /// <summary>The viewer said what its way can take.</summary>
    Estimate = 4,
    /// <summary>It may be known by a new address.</summary>
    Address = 8,
    /// <summary>It can be sent to from now on; said once.</summary>
    Playing = 16,
    /// <summary>It is over: see <see cref="Peer.End"/>.</summary>
    Closed = 32,
}

/// <summary>Why a peer is over.</summary>
enum PeerEnd
{
    /// <summary>It is not.</summary>
    None,
    /// <summary>By its owner.</summary>
    Closed,
    /// <summary>The browser said so.</summary>
    ByBrowser,
    /// <summary>Nothing came for 30 s.</summary>
    NoConsent,
    /// <summary>The handshake failed, or took too long.</summary>
    NoHandshake,
}

/// <summary>One viewer's figures.</summary>
/// <param name="Bytes">Of payload.</param>
/// <param name="Loss">Of the packets since the viewer's last report, 0 to 1.</param>
/// <param name="Estimate">What the viewer thinks it can take, in bits per second.</param>
/// <param name="RoundTrip">Null: not known.</param>
sealed record PeerStatistics(
    long Packets, long Bytes, long Resent, long FramesDropped, double Loss, long? Estimate, TimeSpan? RoundTrip);
