using CloudPhone.Sidecar.Bindings.Cron;

namespace CloudPhone.Sidecar.Tests.Bindings;

public class CronScheduleTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, 300, TimeSpan.Zero);

    [Theory]
    [InlineData("@every 1s", 12, 0, 1)]
    [InlineData("@every 1m30s", 12, 1, 30)]
    [InlineData("@every 200ms", 12, 0, 1)]
    [InlineData("@every 2.7s", 12, 0, 2)]
    [InlineData("*/1 * * * * *", 12, 0, 1)]
    [InlineData("30 * * * * *", 12, 0, 30)]
    [InlineData("*/5 * * * *", 12, 5, 0)]
    [InlineData("@hourly", 13, 0, 0)]
    [InlineData("0 18 * * MON", 18, 0, 0)]
    public void Next_tick(string schedule, int hour, int minute, int second) => Assert.Equal(
        new DateTimeOffset(2026, 11, 23, hour, minute, second, TimeSpan.Zero),
        CronSchedule.Parse(schedule).Next(Noon, TimeZoneInfo.Utc));

    [Theory]
    [InlineData("")]
    [InlineData("* * *")]
    [InlineData("61 * * * *")]
    [InlineData("@every soon")]
    [InlineData("@every -1s")]
    [InlineData("@sometimes")]
    public void No_schedule(string schedule) => Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule));

    [Fact]
    public void A_day_that_never_comes() => Assert.Null(CronSchedule.Parse("0 0 30 2 *").Next(Noon, TimeZoneInfo.Utc));

    [Fact]
    public void Fields_are_read_in_the_local_time_zone()
    {
        var beijing = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(8), "x", "x");
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 13, 0, 0, TimeSpan.Zero),
            CronSchedule.Parse("0 21 * * *").Next(Noon, beijing));
    }
}
