namespace CloudPhone.PhoneSimulator.Tests;

public class ContainerModeTests
{
    static readonly Dictionary<string, string> Identity = new()
    {
        ["PHONE_ID"] = "0190d3a0-0000-7000-8000-000000000001", ["PHONE_TOKEN"] = "0123456789abcdef",
    };

    [Fact]
    public void It_is_started_as_redroid_is()
    {
        var options = PhoneOptions.Read(
            ["--container", "androidboot.use_memfd=1", "ro.secure=0", "androidboot.redroid_width=480",
                "androidboot.redroid_height=800"], Identity.GetValueOrDefault);
        Assert.Equal(("/data", (480, 800), Guid.Parse(Identity["PHONE_ID"])),
            (options.Folder, options.Screen, options.Container!.Identity.DeviceId));
        Assert.Equal((720, 1280), PhoneOptions.Read(["--container"], Identity.GetValueOrDefault).Screen);
    }

    [Theory]
    [InlineData("PHONE_ID", "x", "PHONE_ID")]
    [InlineData("PHONE_TOKEN", "short", "PHONE_TOKEN")]
    [InlineData("", "", "'reboot'", "reboot")]
    [InlineData("", "", "even numbers", "androidboot.redroid_width=481", "androidboot.redroid_height=800")]
    public void What_is_wrong_is_said(string variable, string value, string said, params string[] boot)
    {
        string? Read(string name) => name == variable ? value : Identity.GetValueOrDefault(name);
        var e = Assert.Throws<PhoneException>(() => PhoneOptions.Read(["--container", .. boot], Read));
        Assert.Contains(said, e.Message);
    }
}
