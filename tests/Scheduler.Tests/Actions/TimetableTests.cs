using CloudPhone.Scheduler.Actions;

namespace CloudPhone.Scheduler.Tests.Actions;

public sealed class TimetableTests
{
    static Timetable Of(string cron, string zone) =>
        Timetable.Read(null, cron, zone, out var error) ?? throw new InvalidOperationException(error);

    static string[] Next(string cron, string zone, string after, int count) =>
        [.. Of(cron, zone).Next(DateTimeOffset.Parse(after, null), count)
            .Select(t => t.ToString("MM-dd HH:mm zzz", null))];

    [Fact]
    public void An_hour_that_is_missing_is_made_up_right_after_it() =>
        Assert.Equal(["03-27 02:30 +01:00", "03-28 03:00 +02:00", "03-29 02:30 +02:00"],
            Next("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 3));

    [Fact]
    public void An_hour_that_comes_twice_counts_once() =>
        Assert.Equal(["10-30 02:30 +02:00", "10-31 02:30 +02:00", "11-01 02:30 +01:00"],
            Next("30 2 * * *", "Europe/Berlin", "2027-10-29T12:00:00Z", 3));

    [Fact]
    public void What_recurs_within_hours_goes_on_through_both() =>
        Assert.Equal(["10-31 02:00 +02:00", "10-31 02:30 +02:00", "10-31 02:00 +01:00", "10-31 02:30 +01:00",
            "10-31 03:00 +01:00"], Next("*/30 * * * *", "Europe/Berlin", "2027-10-30T23:59:00Z", 5));

    [Fact]
    public void Fields_are_in_the_zone_and_weeks_have_working_days() =>
        Assert.Equal(["11-27 08:30 +08:00", "11-30 08:30 +08:00"],
            Next("30 8 * * 1-5", "Asia/Shanghai", "2026-11-27T00:00:00Z", 2));

    [Fact]
    public void A_day_that_never_comes_is_never_due() =>
        Assert.Null(Of("0 0 30 2 *", "UTC").After(DateTimeOffset.UtcNow));

    [Theory]
    [InlineData("* * * *", null)]
    [InlineData("* * * * * *", null)]
    [InlineData("60 * * * *", null)]
    [InlineData("", null)]
    [InlineData("* * * * *", "Mars/Phobos")]
    [InlineData("* * * * *", "../etc/passwd")]
    [InlineData("* * * * *", "")]
    public void What_can_not_be_read_is_refused(string cron, string? zone)
    {
        Assert.Null(Timetable.Read(null, cron, zone, out var error));
        Assert.NotEmpty(error);
    }
}
