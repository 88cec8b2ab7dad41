using CloudPhone.Media.WebRtc.Dtls;

namespace CloudPhone.Media.WebRtc.Udp;

/// <summary>A peer as the hub has it: with its handshake, and the addresses that lead to it.</summary>
sealed class HubPeer(Peer peer, TimeSpan now)
{
    const int MaxAddresses = 8;
    readonly Queue<RemoteAddress> _addresses = new(MaxAddresses);
    readonly Lock _lock = new();
    RemoteAddress _handshakeAt;
    TimeSpan _heard = now;

    public Peer Peer => peer;

    public required DtlsSession Dtls { get; init; }

    /// <summary>Where the handshake's answers go: where its last datagram came from.</summary>
    public RemoteAddress HandshakeAt
    {
        get
        {
            lock (_lock)
                return _handshakeAt;
        }
        set
        {
            lock (_lock)
                _handshakeAt = value;
        }
    }

    /// <summary>When it was last heard with a valid check.</summary>
    public TimeSpan Heard
    {
        get
        {
            lock (_lock)
                return _heard;
        }
        set
        {
            lock (_lock)
                _heard = value;
        }
    }

    /// <summary>From now on the address leads to it.</summary>
    /// <returns>The one that does not any more: a browser has a few, and whoever has many wants our memory.</returns>
    public RemoteAddress? Add(RemoteAddress address)
    {
        lock (_lock)
        {
            RemoteAddress? oldest = _addresses.Count == MaxAddresses ? _addresses.Dequeue() : null;
            _addresses.Enqueue(address);
            return oldest;
        }
    }

    public RemoteAddress[] Addresses()
    {
        lock (_lock)
            return [.. _addresses];
    }
}
