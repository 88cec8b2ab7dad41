using CloudPhone.Media.WebRtc.Rtcp;

namespace CloudPhone.Media.Tests.WebRtc.Rtcp;

public class FeedbackTests
{
    const uint Mine = 0xCAFE_0001, Other = 2;

    [Fact]
    public void A_compound_is_read_one_by_one()
    {
        ReadOnlySpan<byte> rest =
            [.. TestReports.Report(Mine, 64, 5, 6), .. TestReports.Remb(Mine, 3, 100_000),
                .. TestReports.PictureLoss(Mine)];
        Assert.True(RtcpPacket.TryNext(ref rest, out var packet));
        Assert.True(Feedback.TryReport(packet, Mine, out var block));
        Assert.Equal(new(0.25, 5, 6), block);
        Assert.False(Feedback.TryReport(packet, Other, out _));
        Assert.True(RtcpPacket.TryNext(ref rest, out packet));
        Assert.True(Feedback.TryEstimate(packet, Mine, out var estimate));
        Assert.Equal(800_000, estimate);
        Assert.False(Feedback.TryEstimate(packet, Other, out _));
        Assert.True(RtcpPacket.TryNext(ref rest, out packet));
        Assert.True(Feedback.IsKeyFrameRequest(packet, Mine));
        Assert.False(Feedback.IsKeyFrameRequest(packet, Other));
        Assert.False(RtcpPacket.TryNext(ref rest, out _));
    }

    [Fact]
    public void A_full_intra_request_names_its_stream()
    {
        Assert.True(Feedback.IsKeyFrameRequest(Read(TestReports.FullIntra(Mine)), Mine));
        Assert.False(Feedback.IsKeyFrameRequest(Read(TestReports.FullIntra(Other)), Mine));
    }

    [Fact]
    public void A_nack_has_its_numbers()
    {
        var items = Feedback.NackItems(Read(TestReports.NackWithMask(Mine, 65_530, 0x8001)), Mine);
        Assert.True(Feedback.TryNack(ref items, out var sequence, out var following));
        Assert.Equal((65_530, 0x8001), (sequence, following));
        Assert.False(Feedback.TryNack(ref items, out _, out _));
        Assert.True(Feedback.NackItems(Read(TestReports.Nack(Other, 5)), Mine).IsEmpty);
    }

    [Fact]
    public void An_estimate_beyond_reason_is_none() =>
        Assert.False(Feedback.TryEstimate(Read(TestReports.Remb(Mine, 63, 0x3FFFF)), Mine, out _));

    [Fact]
    public void The_round_trip_is_what_is_left_without_the_delay_there()
    {
        var sent = NtpTime.Of(new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
        var block = new ReportBlock(0, (uint)(sent >> 16), 65_536 / 2);
        var now = NtpTime.Of(new(2026, 11, 28, 12, 0, 0, 750, TimeSpan.Zero));
        Assert.Equal(0.25, block.RoundTrip(now)!.Value.TotalSeconds, 0.001);
        Assert.Null(new ReportBlock(0, 0, 0).RoundTrip(now));
        Assert.Null(new ReportBlock(0, (uint)(sent >> 16), 65_536).RoundTrip(now)); // clocks that can't be
    }

    [Fact]
    public void A_senders_report_is_written_as_the_RFC_has_it()
    {
        var packet = new byte[100];
        var length = SenderReport.Write(packet, Mine, 0x0102030405060708, 9, 10, 11, "phone"u8);
        Assert.Equal(Hex.Bytes("""
            80c80006 cafe0001 01020304 05060708 00000009 0000000a 0000000b
            81ca0003 cafe0001 01057068 6f6e6500
            """), packet[..length]);
    }

    [Fact]
    public void A_viewers_time_is_given_back_with_how_long_ago_it_came()
    {
        Assert.True(ReferenceTime.TryRead(Read(TestReports.ReferenceTime(0x1122_3344_5566_7788)), out var time));
        Assert.Equal(new(1, 0x3344_5566), time);
        var packet = new byte[ReferenceTime.Length];
        time.Write(packet, Mine, TimeSpan.FromSeconds(1.5));
        Assert.Equal(Hex.Bytes("80cf0005 cafe0001 05000003 00000001 33445566 00018000"), packet);
        Assert.False(ReferenceTime.TryRead(Read(packet), out _));
        Assert.False(ReferenceTime.TryRead(Read(TestReports.PictureLoss(Mine)), out _));
    }

    [Fact]
    public void Time_is_counted_from_1900() => Assert.Equal(
        (4004856000u, 0x4000_0000u),
        NtpTime.Of(new(2026, 11, 28, 12, 0, 0, 250, TimeSpan.Zero)) is var t ? ((uint)(t >> 32), (uint)t) : default);

    [Fact]
    public void Wishes_for_key_frames_are_told_once_a_second_and_not_forgotten()
    {
        var throttle = new KeyFrameThrottle(TimeSpan.FromSeconds(1));
        TimeSpan At(double s) => TimeSpan.FromSeconds(s);
        Assert.False(throttle.IsDue(At(0)));
        throttle.Want();
        throttle.Want();
        Assert.True(throttle.IsDue(At(1)));
        Assert.False(throttle.IsDue(At(1.1)));
        throttle.Want();
        Assert.False(throttle.IsDue(At(1.5)));
        Assert.True(throttle.IsDue(At(2)));
        throttle.Want();
        throttle.OnKeyFrame();
        Assert.False(throttle.IsDue(At(9)));
    }

    static RtcpPacket Read(byte[] bytes)
    {
        var rest = new ReadOnlySpan<byte>(bytes);
        return RtcpPacket.TryNext(ref rest, out var packet) ? packet : throw new InvalidDataException();
    }
}
