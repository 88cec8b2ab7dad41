using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CloudPhone.Media.WebRtc.Dtls;
using CloudPhone.Media.WebRtc.Ice;
using CloudPhone.Media.WebRtc.Rtp;
using CloudPhone.Media.WebRtc.Sdp;
using CloudPhone.Media.WebRtc.Stun;

namespace CloudPhone.Media.WebRtc.Udp;

/// <summary>
/// All peers behind one UDP port: reads it, finds the peer by the name in its checks and from then on by its address,
/// lends it threads for the handshake, and tells it the time.
/// </summary>
sealed class UdpHub : IDisposable
{
    static readonly TimeSpan TickPause = TimeSpan.FromMilliseconds(20);
    /// <summary>An address that a peer still uses goes to no other.</summary>
    static readonly TimeSpan AddressHold = TimeSpan.FromSeconds(10);

    readonly TimeProvider _clock;
    readonly long _start;
    readonly DateTimeOffset _epoch;
    readonly DtlsCertificate _certificate;
    readonly HandshakePool _handshakes;
    readonly TimeSpan _handshakeTime;
    readonly UdpPort? _v4, _v6;
    readonly DatagramBatch _ticking;
    readonly ITimer _timer;
    readonly Lock _tick = new();
    readonly ConcurrentDictionary<ulong, HubPeer> _byNumber = new();
    readonly ConcurrentDictionary<RemoteAddress, HubPeer> _byAddress = new();

    /// <exception cref="SocketException">The port is taken.</exception>
    public UdpHub(HubOptions options, TimeProvider clock)
    {
        (_clock, _start, _epoch) = (clock, clock.GetTimestamp(), clock.GetUtcNow());
        _certificate = DtlsCertificate.Make(_epoch);
        (_handshakes, _handshakeTime) = (new(options.HandshakeThreads), options.HandshakeTime);
        var port = options.Port;
        if (options.Addresses.Any(a => a.AddressFamily == AddressFamily.InterNetwork))
        {
            _v4 = new(new(options.Local, port), Receive, options.Segments, options.Configure);
            port = _v4.Local.Port;
        }
        if (options.Addresses.Any(a => a.AddressFamily == AddressFamily.InterNetworkV6))
        {
            try
            {
                _v6 = new(new(options.LocalV6, port), Receive, options.Segments, options.Configure);
            }
            catch
            {
                _v4?.Dispose();
                throw;
            }
            port = _v6.Local.Port;
        }
        Candidates = [.. options.Addresses.Select(a =>
            new IPEndPoint(a, options.AdvertisedPort == 0 ? port : options.AdvertisedPort))];
        _ticking = new(Send);
        _v4?.Start();
        _v6?.Start();
        _timer = clock.CreateTimer(_ => Tick(), null, TickPause, TickPause);
    }

    /// <summary>
    /// Something is to be done for a peer. Called by the hub's own threads, which it must not hold up.
    /// </summary>
    public event Action<Peer, PeerSignals>? Signalled;

    public IReadOnlyList<IPEndPoint> Candidates { get; }

    /// <summary>Since the hub began; all its times are that.</summary>
    public TimeSpan Now => _clock.GetElapsedTime(_start);

    public int Count => _byNumber.Count;

    /// <summary>That have a thread now.</summary>
    public int Handshakes => _handshakes.Running;

    /// <summary>Datagrams that the kernel did not take.</summary>
    public long Dropped => (_v4?.Dropped ?? 0) + (_v6?.Dropped ?? 0);

    /// <summary>Runs of datagrams go to the kernel in one call.</summary>
    public bool SendsSegments => (_v4 ?? _v6)?.SendsSegments == true;

    /// <summary>A new peer, which waits for its browser from now on.</summary>
    /// <param name="owner">Whose it is: all of one owner's handshakes get a few threads together; null: not
    /// counted.</param>
    /// <param name="isGuest">See <see cref="IScreenPeer.IsGuest"/>.</param>
    public Peer Add(SdpOffer offer, object? owner = null, bool isGuest = false)
    {
        var peer = new Peer(offer, IceCredentials.New(), RtpNumbers.Random(), _epoch, Now) { IsGuest = isGuest };
        HubPeer entry = null!;
        entry = new(peer, Now)
        {
            Dtls = new(_handshakes, _certificate, offer.Fingerprint, _handshakeTime, owner,
                d => Send(d, entry.HandshakeAt),
                session => Signal(entry, session is null ? peer.Close(
                    peer.Profile is null ? PeerEnd.NoHandshake : PeerEnd.ByBrowser) : peer.Secure(session))),
        };
        _byNumber[peer.Number] = entry;
        return peer;
    }

    /// <summary>What its browser is to be told.</summary>
    public string Answer(Peer peer) => peer.Answer(_certificate.Fingerprint, Candidates);

    /// <summary>Ends it, if it has not ended by itself; nothing that comes for it is heard any more.</summary>
    public void Remove(Peer peer) => Remove(peer, PeerEnd.Closed);

    public VideoStream NewStream() => new(Send);

    /// <summary>Sends all of a batch, whichever family its address is of.</summary>
    public void Send(DatagramBatch batch) => (batch.To.IsV6 ? _v6 : _v4)?.Send(batch);

    void Send(ReadOnlySpan<byte> datagram, RemoteAddress to) => (to.IsV6 ? _v6 : _v4)?.Send(datagram, to);

    void Receive(UdpPort port, ReadOnlySpan<byte> datagram, RemoteAddress from)
    {
        if (PacketKinds.Of(datagram) != PacketKind.Stun)
        {
            if (_byAddress.TryGetValue(from, out var known))
                Receive(known, port, datagram, from);
        }
        else if (StunRequest.TryParse(datagram, out var request)
            && _byNumber.TryGetValue(IceCredentials.NumberIn(request.Username), out var named))
        {
            Receive(named, port, datagram, from);
        }
    }

    void Receive(HubPeer entry, UdpPort port, ReadOnlySpan<byte> datagram, RemoteAddress from)
    {
        var signals = entry.Peer.Receive(datagram, from, Now, port.Output);
        port.Output.Flush();
        if ((signals & PeerSignals.Address) != 0)
            Know(entry, from);
        if ((signals & PeerSignals.Handshake) != 0)
        {
            entry.HandshakeAt = from;
            entry.Dtls.Feed(datagram);
        }
        Signal(entry, signals & ~(PeerSignals.Address | PeerSignals.Handshake));
    }

    void Know(HubPeer entry, RemoteAddress from)
    {
        entry.Heard = Now;
        var isNew = !_byAddress.TryGetValue(from, out var owner) ? _byAddress.TryAdd(from, entry)
            : owner != entry && Now - owner.Heard > AddressHold && _byAddress.TryUpdate(from, entry, owner);
        if (!isNew)
            return;
        if (entry.Add(from) is { } oldest)
            Forget(entry, oldest);
        if (!_byNumber.ContainsKey(entry.Peer.Number))
            Forget(entry, from); // it was removed meanwhile
    }

    void Forget(HubPeer entry, RemoteAddress address) =>
        _byAddress.TryRemove(new KeyValuePair<RemoteAddress, HubPeer>(address, entry));

    void Tick()
    {
        if (!_tick.TryEnter())
            return; // the last one is still at it
        try
        {
            _handshakes.Relieve();
            foreach (var (_, entry) in _byNumber)
            {
                var signals = entry.Peer.Tick(Now, _ticking);
                _ticking.Flush();
                Signal(entry, signals);
            }
        }
        finally
        {
            _tick.Exit();
        }
    }

    void Signal(HubPeer entry, PeerSignals signals)
    {
        if ((signals & PeerSignals.Closed) != 0)
            Remove(entry.Peer, entry.Peer.End);
        else if (signals != PeerSignals.None)
            Signalled?.Invoke(entry.Peer, signals);
    }

    void Remove(Peer peer, PeerEnd end)
    {
        if (!_byNumber.TryRemove(peer.Number, out var entry))
            return;
        peer.Close(end);
        entry.Dtls.Close();
        foreach (var address in entry.Addresses())
            Forget(entry, address);
        Signalled?.Invoke(peer, PeerSignals.Closed);
    }

    /// <summary>Not to be called by its own threads, which this waits for.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        foreach (var (_, entry) in _byNumber)
            Remove(entry.Peer, PeerEnd.Closed);
        _handshakes.Dispose();
        _v4?.Dispose();
        _v6?.Dispose();
    }
}
