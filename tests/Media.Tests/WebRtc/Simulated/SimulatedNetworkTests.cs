using CloudPhone.Media.Tests.WebRtc.Rtcp;
using CloudPhone.Media.Tests.WebRtc.Sdp;
using CloudPhone.Media.Tests.WebRtc.Stun;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Ice;
using CloudPhone.Media.WebRtc.Rtp;
using CloudPhone.Media.WebRtc.Srtp;

namespace CloudPhone.Media.Tests.WebRtc.Simulated;

/// <summary>A peer and a viewer over a network that loses, doubles and overtakes, in counted time.</summary>
public class SimulatedNetworkTests
{
    const int FramesPerSecond = 30;
    static readonly RemoteAddress Address = new(0x7F000001, 5000, false);

    /// <summary>
    /// One way takes 20 to 23 ms, so what is lost once comes 50 ms later, and what is lost again and again each time
    /// 50 ms more: no picture waits longer than that, and none needs a key frame.
    /// </summary>
    [Theory]
    [InlineData(0, 0, 60)]
    [InlineData(0, 0.2, 60)]
    [InlineData(0.05, 0.02, 250)]
    [InlineData(0.2, 0.05, 600)]
    public void Nothing_freezes(double loss, double disorder, double maxMillis)
    {
        var run = new Run(loss, disorder, SrtpProfile.AeadAes128Gcm, new(77, 100, 0));
        run.Play(
            TimeSpan.FromSeconds(60), i => i % 300 == 0 ? 40_000 : 500 + (i % 7 * 800), TimeSpan.FromMilliseconds(2));
        Assert.InRange(run.MaxDelay.TotalMilliseconds, 20, maxMillis);
        var sent = run.Peer.Statistics();
        // what was only overtaken may have been asked for, too
        Assert.InRange(sent.Resent, sent.Packets * loss, sent.Packets * (loss + disorder) * 2);
        const int OfTheLast = 6;
        Assert.Equal(disorder > 0, run.Viewer.Doubles > OfTheLast);
    }

    /// <summary>Nothing comes after the last picture by which its loss could be noticed, for three seconds.</summary>
    [Theory]
    [InlineData(0.05, 400)]
    [InlineData(0.2, 900)]
    public void A_screen_that_stands_still_shows_the_latest(double loss, double maxMillis)
    {
        var run = new Run(loss, 0.02, SrtpProfile.AeadAes128Gcm, new(77, 100, 0));
        run.Play(TimeSpan.FromMinutes(10), _ => 3_000, TimeSpan.FromMilliseconds(2), framesPerSecond: 1 / 3.0);
        Assert.InRange(run.MaxDelay.TotalMilliseconds, 20, maxMillis);
    }

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.AesCm128HmacSha1)]
    public void Eight_hours_play_on(object profile)
    {
        // both numbers wrap: the sequence often, the timestamp once
        var run = new Run(0.002, 0.002, (SrtpProfile)profile, new(77, 0x7FF0, uint.MaxValue - 1_000_000_000));
        var time = TimeSpan.FromHours(8);
        run.Play(time, i => i == 0 ? 3_000 : 60, TimeSpan.FromMilliseconds(11));
        Assert.InRange(run.Viewer.Packets, 13 * 65_536, long.MaxValue);
        Assert.InRange(run.Viewer.LastTimestamp, 1_500_000_000u, 1_600_000_000u);
        Assert.InRange(run.MaxDelay.TotalMilliseconds, 20, 250);
        Assert.True(run.Peer.Statistics().Resent > 1_000);
    }

    sealed class Run
    {
        readonly Random _random = new(7);
        readonly IceCredentials _own = new("AbCdEfGh", "a-password-that-nobody-guesses-it");
        readonly LossyPath _out, _in;
        readonly VideoStream _stream;
        readonly DatagramBatch _answers;
        readonly Queue<(TimeSpan At, byte[] Slice)> _sent = new();
        readonly double _loss;
        TimeSpan _now;

        public Run(double loss, double disorder, SrtpProfile profile, RtpNumbers numbers)
        {
            _loss = loss;
            (_out, _in) = (new(_random, loss, disorder), new(_random, loss, disorder));
            _stream = new(Send);
            _answers = new(Send);
            var material = new byte[profile.MaterialLength()];
            _random.NextBytes(material);
            var (client, server) = SrtpKeys.Split(profile, material);
            Peer = new(TestOffer.Read(), _own, numbers, DateTimeOffset.UnixEpoch, default);
            Viewer = new(new(profile, client, server), new(server), numbers.Ssrc, numbers.Sequence, Shown);
            Peer.Secure(SrtpSession.ForServer(profile, material));
            Peer.Receive(Check(), Address, default, _answers);
            Assert.True(Peer.IsPlaying);
            _stream.Join(Peer, default);
        }

        public Peer Peer { get; }

        public SimulatedViewer Viewer { get; }

        public TimeSpan MaxDelay { get; private set; }

        /// <param name="length">Of the picture of that number.</param>
        public void Play(TimeSpan time, Func<int, int> length, TimeSpan step, double framesPerSecond = FramesPerSecond)
        {
            var (frames, reported, last) = (0, TimeSpan.Zero, (int)(time.TotalSeconds * framesPerSecond));
            for (; _now < time + TimeSpan.FromSeconds(2); _now += step)
            {
                // a little after the end, for what has been lost of the last picture to be missed
                if (_now * framesPerSecond >= TimeSpan.FromSeconds(frames) && _now < time + TimeSpan.FromSeconds(1))
                    AddFrame(frames++, length, framesPerSecond);
                if (_now - reported >= TimeSpan.FromSeconds(1))
                {
                    reported = _now;
                    _in.Send(Check(), _now);
                    Viewer.Send(TestReports.Report(77, (byte)(_loss * 256)), d => _in.Send(d, _now));
                }
                while (_out.TryReceive(_now, out var datagram))
                    Viewer.Receive(datagram, _now);
                Viewer.Report(_now, d => _in.Send(d, _now));
                while (_in.TryReceive(_now, out var datagram))
                    Assert.Equal(
                        PeerSignals.None, Peer.Receive(datagram, Address, _now, _answers) & ~PeerSignals.Address);
                Assert.Equal(PeerSignals.None, Peer.Tick(_now, _answers));
                _answers.Flush();
            }
            Assert.True(frames - _sent.Count >= last, $"{_sent.Count} of {frames} were never shown");
            Assert.Equal(0, Peer.Statistics().FramesDropped);
        }

        void AddFrame(int number, Func<int, int> length, double framesPerSecond)
        {
            var slice = TestPictures.Slice(length(number), number == 0, number);
            _sent.Enqueue((_now, slice));
            _stream.Add(TestPictures.Unit(slice), TimeSpan.FromSeconds(number / framesPerSecond), _now);
        }

        void Shown(TimeSpan now)
        {
            var (at, slice) = _sent.Dequeue();
            Assert.Equal(slice, Viewer.Picture[^1]);
            MaxDelay = now - at > MaxDelay ? now - at : MaxDelay;
        }

        void Send(DatagramBatch batch)
        {
            for (var i = 0; i < batch.Count; i++)
                _out.Send(batch[i], _now);
        }

        byte[] Check() => TestRequest.Make($"{_own.Ufrag}:{TestOffer.Ufrag}", _own.Password);
    }
}
