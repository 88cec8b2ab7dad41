using System.Text;
using CloudPhone.Media.Tests.WebRtc.Rtcp;
using CloudPhone.Media.Tests.WebRtc.Sdp;
using CloudPhone.Media.Tests.WebRtc.Stun;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Ice;
using CloudPhone.Media.WebRtc.Rtcp;
using CloudPhone.Media.WebRtc.Rtp;
using CloudPhone.Media.WebRtc.Sdp;
using CloudPhone.Media.WebRtc.Stun;

namespace CloudPhone.Media.Tests.WebRtc;

/// <summary>Genuine messages with a few bytes changed, added or taken away: a million of each kind, always the
/// same.</summary>
public class FuzzTests
{
    const int Runs = 1_000_000;
    const uint Ssrc = 77;

    [Fact]
    public void A_million_STUN_messages()
    {
        var own = new IceCredentials("AbCdEfGh", "a-password-that-nobody-guesses-it");
        var agent = new IceAgent(own, "Zx9+", default);
        var genuine = TestRequest.Make("AbCdEfGh:Zx9+", own.Password, transaction: new byte[12]);
        var (output, mutator, answered) = (new Datagrams(), new Mutator(1, [genuine]), 0);
        for (var run = 0; run < Runs; run++)
        {
            var message = mutator.Next();
            if (!StunRequest.TryParse(message, out var request)
                || !agent.Answer(request, new(1, 1, false), default, output.Batch))
                continue;
            answered++;
            Assert.Equal(genuine, message); // some changes change nothing
        }
        output.Batch.Flush();
        Assert.Equal(answered, output.All.Count);
        Assert.InRange(answered, 1, Runs / 10);
    }

    [Fact]
    public void A_million_offers()
    {
        var (mutator, read) = (new Mutator(2, [.. new[] { TestOffer.Text() }.Select(Encoding.Latin1.GetBytes)]), 0);
        for (var run = 0; run < Runs; run++)
        {
            var text = Encoding.Latin1.GetString(mutator.Next());
            if (SdpOffer.Read(text, out var reason) is not { } offer)
            {
                Assert.NotEmpty(reason);
                continue;
            }
            read++;
            if (run % 64 != 0)
                continue;
            // nothing of the offer may make lines of its own
            var answer = SdpAnswer.Write(offer, IceCredentials.New(), new byte[32], 1, "p", []);
            Assert.DoesNotContain(answer.Split("\r\n")[..^1],
                l => l.Length < 3 || l[1] != '=' || l.Any(char.IsControl));
        }
        Assert.InRange(read, Runs / 20, Runs);
    }

    [Fact]
    public void A_million_reports()
    {
        var mutator = new Mutator(3,
        [
            TestReports.Nack(Ssrc, 1, 2, 3), TestReports.PictureLoss(Ssrc), TestReports.FullIntra(Ssrc),
            TestReports.Remb(Ssrc, 4, 1000), TestReports.Report(Ssrc, 10),
            TestReports.ReferenceTime(5),
            [.. TestReports.Report(Ssrc, 10), .. TestReports.Remb(Ssrc, 4, 1000), .. TestReports.Nack(Ssrc, 9)],
        ]);
        var (packets, asked) = (0, 0);
        for (var run = 0; run < Runs; run++)
        {
            ReadOnlySpan<byte> rest = mutator.Next();
            while (RtcpPacket.TryNext(ref rest, out var packet))
            {
                packets++;
                Assert.Equal(0, packet.Body.Length % 4);
                asked += Feedback.IsKeyFrameRequest(packet, Ssrc) ? 1 : 0;
                if (Feedback.TryEstimate(packet, Ssrc, out var estimate))
                    Assert.InRange(estimate, 0, 1L << 41);
                if (Feedback.TryReport(packet, Ssrc, out var report))
                    Assert.InRange(report.Loss, 0, 1);
                asked += ReferenceTime.TryRead(packet, out _) ? 1 : 0;
                for (var items = Feedback.NackItems(packet, Ssrc); Feedback.TryNack(ref items, out _, out _);)
                    asked++;
            }
        }
        Assert.InRange(packets, Runs / 4, 4 * Runs);
        Assert.InRange(asked, Runs / 10, 100 * Runs);
    }

    [Fact]
    public void Whatever_comes_a_peer_stays_as_it_is()
    {
        var peer = new Peer(TestOffer.Read(), new("AbCdEfGh", "secret-secret-secret-secret"), RtpNumbers.Random(),
            default, default);
        var mutator = new Mutator(4,
        [
            TestRequest.Make("AbCdEfGh:Zx9+", "not the password"), TestReports.PictureLoss(Ssrc), [22, 254, 253, 0, 0],
            [0x80, 96, 0, 0], [64, 0, 0, 0], [],
        ]);
        var output = new Datagrams();
        for (var run = 0; run < Runs; run++)
            Assert.Equal(PeerSignals.None, peer.Receive(mutator.Next(), new(1, 1, false), default, output.Batch));
        Assert.Empty(output.Take());
        Assert.False(peer.IsPlaying);
    }
}
