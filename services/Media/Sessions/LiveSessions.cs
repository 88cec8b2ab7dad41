using System.Collections.Concurrent;
using System.Threading.Channels;
using CloudPhone.Media.Screens;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Work;

namespace CloudPhone.Media.Sessions;

/// <summary>All sessions that play here, and what becomes of them when they end.</summary>
sealed class LiveSessions
{
    readonly ConcurrentDictionary<Guid, LiveSession> _sessions = new();
    readonly ConcurrentDictionary<Peer, LiveSession> _byPeer = new();
    readonly Channel<LiveSession> _over = Channel.CreateUnbounded<LiveSession>();
    readonly Lock _adding = new();
    readonly MediaOptions _options;
    readonly UdpHub _hub;
    readonly Revocations _revocations;

    public LiveSessions(
        MediaOptions options, UdpHub hub, PhoneScreens screens, Revocations revocations, TimeProvider clock)
    {
        Doubted = new(clock);
        (_options, _hub, _revocations) = (options, hub, revocations);
        hub.Signalled += OnSignal;
        screens.Ended += (screen, reason) => EndAll(s => s.Screen == screen, reason);
        revocations.WhenRevoked(login => EndAll(s => s.Login == login, EndReasons.AccessLost));
    }

    public IEnumerable<LiveSession> All => _sessions.Select(s => s.Value);

    /// <summary>Those that ended, to be written down.</summary>
    public ChannelReader<LiveSession> Over => _over.Reader;

    /// <summary>Whether they may go on is to be asked at once.</summary>
    public WorkSignal Doubted { get; }

    public LiveSession? Find(Guid id) => _sessions.GetValueOrDefault(id);

    /// <summary>The service ends.</summary>
    public bool IsStopping { get; private set; }

    /// <returns>False: the viewer has as many as may be, or the service ends. What is over already ends at
    /// once.</returns>
    public bool TryAdd(LiveSession session)
    {
        lock (_adding)
        {
            if (IsStopping || All.Count(s => IsOfSame(s, session)) >= _options.SessionsPerUser)
                return false;
            _sessions[session.Id] = session;
        }
        if (session.Peer is { } peer)
            _byPeer[peer] = session;
        // either may have ended since it was asked about
        if (session.Login is { } login && _revocations.Contains(login))
            End(session, EndReasons.AccessLost);
        else if (session.Screen.Over.IsCompleted)
            End(session, EndReasons.PhoneLost);
        return true;
    }

    /// <summary>Guests of one share are many people, perhaps; each share counts for itself.</summary>
    static bool IsOfSame(LiveSession one, LiveSession other) =>
        one.Right.ShareId is { } share ? share == other.Right.ShareId
        : other.Right.ShareId is null && one.Claim.UserId == other.Claim.UserId;

    /// <summary>Ends all, and says that no more will end.</summary>
    public void Stop()
    {
        lock (_adding)
            IsStopping = true;
        EndAll(_ => true, EndReasons.ServiceStopped);
        _over.Writer.TryComplete();
    }

    public void EndAll(Func<LiveSession, bool> which, string reason)
    {
        foreach (var session in All)
            if (which(session))
                End(session, reason);
    }

    /// <summary>Once; what comes of it is written down soon after.</summary>
    public void End(LiveSession session, string reason)
    {
        if (!_sessions.TryRemove(session.Id, out _))
            return;
        session.End(reason);
        if (session.Peer is { } peer)
        {
            session.Screen.Video.Leave(peer);
            _hub.Remove(peer);
            _byPeer.TryRemove(peer, out _);
        }
        session.Screen.Leave();
        _over.Writer.TryWrite(session);
    }

    void OnSignal(Peer peer, PeerSignals signals)
    {
        if (!_byPeer.TryGetValue(peer, out var session))
            return;
        if ((signals & PeerSignals.Playing) != 0)
            Join(session, peer);
        if ((signals & PeerSignals.KeyFrame) != 0)
            session.Screen.Video.WantKeyFrame();
        if ((signals & PeerSignals.Closed) != 0)
            OnClosed(session, peer);
    }

    void Join(LiveSession session, Peer peer)
    {
        session.Screen.Video.Join(peer, _hub.Now);
        if (session.Over.IsCompleted)
            session.Screen.Video.Leave(peer); // it ended meanwhile
    }

    /// <summary>A viewer without a way for UDP goes on by its socket.</summary>
    void OnClosed(LiveSession session, Peer peer)
    {
        session.Screen.Video.Leave(peer);
        _byPeer.TryRemove(peer, out _);
        if (!session.HasSocket)
            End(session, peer.End == PeerEnd.NoConsent ? EndReasons.ConsentLost : EndReasons.Closed);
    }
}
