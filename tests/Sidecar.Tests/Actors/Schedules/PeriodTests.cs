using CloudPhone.Sidecar.Actors.Schedules;

namespace CloudPhone.Sidecar.Tests.Actors.Schedules;

public class PeriodTests
{
    static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0h0m5s0ms", "2026-01-31T12:00:05Z", null)]
    [InlineData("1h30m", "2026-01-31T13:30:00Z", null)]
    [InlineData("PT1.5S", "2026-01-31T12:00:01.5Z", null)]
    [InlineData("P1M", "2026-02-28T12:00:00Z", null)]
    [InlineData("P1Y2W1DT1H", "2027-02-15T13:00:00Z", null)]
    [InlineData("R3/PT5M", "2026-01-31T12:05:00Z", 3)]
    public void Reads_go_and_iso(string text, string after, int? repeats)
    {
        var period = Period.Parse(text);
        Assert.Equal((DateTimeOffset.Parse(after), repeats), (period.After(Noon), period.Repeats));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("5")]
    [InlineData("-5s")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1H")]
    [InlineData("R0/PT1S")]
    [InlineData("R/PT1S")]
    [InlineData("R3/5s")]
    [InlineData("P99999999999D")]
    public void Refuses_the_rest(string text) => Assert.Throws<FormatException>(() => Period.Parse(text));

    [Theory]
    [InlineData("10s", 0, 10)]
    [InlineData("10s", 9, 10)]
    [InlineData("10s", 10, 20)]
    [InlineData("10s", 36005, 36010)]
    [InlineData("P1D", 0, 86400)]
    [InlineData("P1D", 100_000, 172_800)]
    public void What_was_missed_is_skipped_and_the_rhythm_kept(string period, int nowSeconds, int nextSeconds) =>
        Assert.Equal(Noon.AddSeconds(nextSeconds), Period.Parse(period).NextAfter(Noon, Noon.AddSeconds(nowSeconds)));

    [Fact]
    public void Beyond_the_calendar_is_never()
    {
        Assert.Equal(DateTimeOffset.MaxValue, Period.Parse("P9000Y").NextAfter(Noon, Noon));
        Assert.Equal(DateTimeOffset.MaxValue, Period.Parse("90000000h").NextAfter(Noon, Noon));
    }

    [Fact]
    public void A_schedule_takes_times_as_well()
    {
        var schedule = Schedule.Parse("2026-01-31T14:00:00+01:00", "", "2h", Noon);
        Assert.Equal((Noon.AddHours(1), null, Noon.AddHours(2)),
            (schedule.FirstAt, schedule.Period, schedule.ExpiresAt));
        Assert.Equal(Noon, Schedule.Parse("", "1s", "", Noon).FirstAt);
    }
}
