using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Tests.Resources;

public class GoDurationTests
{
    [Theory]
    [InlineData("5s", 5)]
    [InlineData("1h2m3s", 3723)]
    [InlineData("1.5m", 90)]
    [InlineData("250ms", 0.25)]
    [InlineData("-1s", -1)]
    [InlineData("7", 7)]
    public void Reads_what_Go_writes(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, TimeSpan.FromSeconds(1), out var d));
        Assert.Equal(seconds, d.TotalSeconds, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("5 s")]
    [InlineData("1d")]
    [InlineData("s")]
    public void Refuses_everything_else(string text) =>
        Assert.False(GoDuration.TryParse(text, TimeSpan.FromSeconds(1), out _));
}
