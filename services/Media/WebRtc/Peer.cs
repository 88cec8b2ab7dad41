using System.Text;
using CloudPhone.Media.WebRtc.H264;
using CloudPhone.Media.WebRtc.Ice;
using CloudPhone.Media.WebRtc.Rtcp;
using CloudPhone.Media.WebRtc.Rtp;
using CloudPhone.Media.WebRtc.Sdp;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Media.WebRtc.Stun;

namespace CloudPhone.Media.WebRtc;

/// <summary>
/// One viewer, as a machine without sockets and clocks: datagrams and times go in, datagrams come out. May be called by
/// several threads.
/// </summary>
/// <param name="epoch">The wall clock's time when <paramref name="now"/> and all other times were zero.</param>
sealed class Peer(SdpOffer offer, IceCredentials own, RtpNumbers numbers, DateTimeOffset epoch, TimeSpan now)
    : IScreenPeer
{
    static readonly TimeSpan ReportPause = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    readonly byte[] _name = Encoding.ASCII.GetBytes(own.Ufrag);
    readonly IceAgent _ice = new(own, offer.Ufrag, now);
    readonly RtpStream _stream = new(offer.Format.PayloadType, offer.PlayoutDelay, numbers);
    readonly FrameQueue _queue = new();
    readonly Congestion _congestion = new();
    readonly byte[] _plain = new byte[DatagramBatch.MaxDatagram];
    SrtpSession? _srtp;
    TimeSpan _reportAt;
    TimeSpan? _roundTrip;
    (ReferenceTime Time, TimeSpan At)? _told;
    bool _isAnnounced;
    uint _reported;

    public SdpOffer Offer => offer;

    /// <inheritdoc/>
    public bool IsGuest { get; init; }

    /// <summary>What checks of this peer begin with.</summary>
    public ulong Number { get; } = own.Number;

    public PeerEnd End { get; private set; }

    /// <summary>Frames that it is given are sent.</summary>
    public bool IsPlaying => _srtp is not null && End == PeerEnd.None && _ice.Selected is not null;

    public SrtpProfile? Profile => _srtp?.Profile;

    public string Answer(byte[] fingerprint, IReadOnlyList<System.Net.IPEndPoint> candidates) =>
        SdpAnswer.Write(offer, own, fingerprint, numbers.Ssrc, own.Ufrag, candidates);

    /// <summary>A datagram came. What is forged, damaged or meant for nobody gets no answer.</summary>
    public PeerSignals Receive(ReadOnlySpan<byte> datagram, RemoteAddress from, TimeSpan now, DatagramBatch output)
    {
        lock (_lock)
        {
            if (End != PeerEnd.None)
                return PeerSignals.None;
            switch (PacketKinds.Of(datagram))
            {
                case PacketKind.Stun:
                    return StunRequest.TryParse(datagram, out var request) && _ice.Answer(request, from, now, output)
                        ? PeerSignals.Address | Announce() : PeerSignals.None;
                case PacketKind.Dtls:
                    return _ice.Known.Contains(from) ? PeerSignals.Handshake : PeerSignals.None;
                case PacketKind.Rtcp when _srtp is not null && datagram.Length <= _plain.Length:
                    var length = _srtp.UnprotectRtcp(datagram, _plain);
                    return length < 0 ? PeerSignals.None : OnReports(_plain.AsSpan(0, length), now, output);
                default:
                    return PeerSignals.None;
            }
        }
    }

    /// <summary>The handshake is done.</summary>
    public PeerSignals Secure(SrtpSession session)
    {
        lock (_lock)
        {
            if (_srtp is null && End == PeerEnd.None)
                _srtp = session;
            else
                session.Dispose();
            return Announce();
        }
    }

    /// <summary>Sends a frame now, or when a slow viewer's turn has come, or not at all.</summary>
    public PeerSignals Send(Frame frame, TimeSpan now, DatagramBatch output)
    {
        lock (_lock)
        {
            if (!IsPlaying)
                return PeerSignals.None;
            var needed = _queue.NeedsKey;
            _queue.Add(frame, _congestion.Limit(now));
            Drain(now, output);
            return _queue.NeedsKey && !needed ? PeerSignals.KeyFrame : PeerSignals.None;
        }
    }

    /// <summary>All of the picture, however much it is.</summary>
    public PeerSignals Start(IReadOnlyList<Frame> picture, TimeSpan now, DatagramBatch output)
    {
        lock (_lock)
        {
            if (!IsPlaying)
                return PeerSignals.None;
            foreach (var frame in picture)
            {
                _queue.Add(frame, null);
                Drain(now, output);
            }
            return _queue.NeedsKey ? PeerSignals.KeyFrame : PeerSignals.None;
        }
    }

    /// <summary>Time has gone by: reports that are due, frames whose turn has come, the end of consent.</summary>
    public PeerSignals Tick(TimeSpan now, DatagramBatch output)
    {
        lock (_lock)
        {
            if (End != PeerEnd.None)
                return PeerSignals.None;
            if (!_ice.HasConsent(now))
                return Finish(PeerEnd.NoConsent);
            if (!IsPlaying)
                return PeerSignals.None;
            Drain(now, output);
            _stream.RepeatLast(now, _srtp!.Media, _ice.Selected!.Value, output);
            if (_stream.Packets > 0 && now - _reportAt >= ReportPause)
                Report(now, output);
            return PeerSignals.None;
        }
    }

    public PeerSignals Close(PeerEnd end)
    {
        lock (_lock)
            return End == PeerEnd.None ? Finish(end) : PeerSignals.None;
    }

    public long? Room(TimeSpan now)
    {
        lock (_lock)
            return IsPlaying ? _congestion.Room(now) : null;
    }

    public PeerStatistics Statistics()
    {
        lock (_lock)
            return new(_stream.Packets, _stream.Bytes, _stream.Resent, _queue.Dropped, _congestion.Loss,
                _congestion.Estimate, _roundTrip);
    }

    PeerSignals Announce()
    {
        if (_isAnnounced || !IsPlaying)
            return PeerSignals.None;
        _isAnnounced = true;
        return PeerSignals.Playing;
    }

    PeerSignals OnReports(ReadOnlySpan<byte> rest, TimeSpan now, DatagramBatch output)
    {
        var signals = PeerSignals.None;
        while (RtcpPacket.TryNext(ref rest, out var packet))
        {
            if (Feedback.IsKeyFrameRequest(packet, _stream.Ssrc))
                signals |= PeerSignals.KeyFrame;
            if (Feedback.TryEstimate(packet, _stream.Ssrc, out var estimate))
            {
                _congestion.OnEstimate(estimate, now);
                signals |= PeerSignals.Estimate;
            }
            if (Feedback.TryReport(packet, _stream.Ssrc, out var report))
            {
                _congestion.OnLoss(report.Loss, _stream.Packets - _reported, now);
                _reported = _stream.Packets;
                _roundTrip = report.RoundTrip(NtpTime.Of(epoch + now)) ?? _roundTrip;
            }
            if (ReferenceTime.TryRead(packet, out var time))
                Hear(time, now);
            Resend(Feedback.NackItems(packet, _stream.Ssrc), now, output);
        }
        return signals;
    }

    /// <summary>The first is answered at once: from then on the viewer knows when to ask again.</summary>
    void Hear(ReferenceTime time, TimeSpan now)
    {
        if (_told is null)
            _reportAt = now - ReportPause;
        _told = (time, now);
    }

    void Resend(ReadOnlySpan<byte> items, TimeSpan now, DatagramBatch output)
    {
        if (!IsPlaying)
            return;
        while (Feedback.TryNack(ref items, out var sequence, out var following))
        {
            _stream.Resend(sequence, now, _srtp!.Media, _ice.Selected!.Value, output);
            for (var bit = 0; bit < 16; bit++)
                if ((following & (1 << bit)) != 0)
                    _stream.Resend((ushort)(sequence + bit + 1), now, _srtp.Media, _ice.Selected.Value, output);
        }
    }

    void Drain(TimeSpan now, DatagramBatch output)
    {
        while (_queue.TryTake(now, _congestion.Limit(now), out var frame))
        {
            _stream.Send(frame, now, _srtp!.Media, _ice.Selected!.Value, output);
            frame.Release();
        }
    }

    void Report(TimeSpan now, DatagramBatch output)
    {
        _reportAt = now;
        var packet = output.Reserve(_ice.Selected!.Value);
        var length = SenderReport.Write(packet, _stream.Ssrc, NtpTime.Of(epoch + now), _stream.TimestampAt(now),
            _stream.Packets, (uint)_stream.Bytes, _name);
        if (_told is { } told)
        {
            told.Time.Write(packet[length..], _stream.Ssrc, now - told.At);
            length += ReferenceTime.Length;
        }
        output.Commit(_srtp!.ProtectRtcp(packet, length));
    }

    PeerSignals Finish(PeerEnd end)
    {
        End = end;
        _queue.Clear();
        _stream.Clear();
        _srtp?.Dispose();
        return PeerSignals.Closed;
    }
}
