using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Health;

/// <summary>Phones whose container runs while something inside of them is broken: only asking them shows it.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData("adb-dead", "ADB_DISCONNECTED")]
    [InlineData("hang", "NOT_RESPONDING")]
    public async Task A_phone_that_does_not_answer_is_found_by_the_round_and_restarted(string fault, string errorType)
    {
        await using var platform = await DevicePlatform.StartAsync();
        var broken = (await platform.CreateRunningAsync()).Id;
        var well = (await platform.CreateRunningAsync()).Id;
        await PhoneProcess.FaultAsync(platform.PhonesFolder, broken, fault);
        await RoundAsync(platform);
        await Wait.UntilAsync("it to recover", async () =>
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Count == 1, 90);
        var error = Assert.Single(await platform.Service.PublishedAsync<DeviceError>());
        Assert.Equal((broken, errorType, "HIGH"), (error.DeviceId, error.ErrorType, error.Priority));
        var lost = await platform.Service.PublishedAsync<DeviceConnectionLost>();
        Assert.Equal(errorType == "ADB_DISCONNECTED" ? [broken] : [], lost.Select(l => l.DeviceId));
        Assert.All(lost, l => Assert.True(l.Version < error.Version));
        var recovered = (await platform.Service.PublishedAsync<DeviceRecovered>())[0];
        Assert.Equal(("restart", 1), (recovered.Strategy, recovered.Attempts));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(well))!.Status);
    }

    [Fact]
    public async Task Of_all_that_hear_of_a_round_one_checks_a_phone()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await RoundAsync(platform);
        var first = (await platform.RowAsync(id)).CheckedAt;
        await RoundAsync(platform);
        Assert.Equal((true, first), (first is not null, (await platform.RowAsync(id)).CheckedAt));
    }

    [Fact]
    public async Task A_round_is_for_the_sidecar_alone()
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        using var answer = await platform.Client.PostAsync("/cron/check-phones", null);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task What_a_round_has_found_is_counted_for_those_who_watch_the_platform()
    {
        await using var platform = await DevicePlatform.StartAsync();
        await platform.CreateRunningAsync();
        await RoundAsync(platform);
        using var anybody = platform.Service.Anonymous();
        await Wait.UntilAsync("a phone that is well", async () => (await anybody.GetStringAsync("/metrics")).Split('\n')
            .Any(l => l.StartsWith("phone_checks_total{", StringComparison.Ordinal)
                && l.Contains("outcome=\"well\"", StringComparison.Ordinal)));
    }

    static async Task RoundAsync(DevicePlatform platform)
    {
        using var sidecar = platform.Service.Anonymous();
        sidecar.DefaultRequestHeaders.Add("dapr-api-token", TestService<DeviceDb>.SidecarToken);
        (await sidecar.PostAsync("/cron/check-phones", null)).EnsureSuccessStatusCode();
    }
}
