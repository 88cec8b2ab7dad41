using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>
/// Scenario 3 of the specification: phones break in every way that a phone can. Each heals, or is given up, and the
/// device service dies in the middle of each recovery.
/// </summary>
[Collection(nameof(OwnPlatform)), Trait("kind", "faults")]
public sealed class HealTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Broken_phones_heal_or_are_given_up_though_the_device_service_dies_meanwhile()
    {
        await using var platform = await RunningPlatform.StartAsync(
            ("PHONE_BOOT_LIMIT_SECONDS", "15"), ("CHARGE_SECONDS", "5"));
        await using var user = await platform.NewUserAsync();
        await user.OpenWebSocketAsync();
        using var faults = new PhoneFaults(platform);

        var neverUp = await user.CreateRunningAsync("never-up");
        await faults.SetAsync(neverUp, "no-boot");
        (await user.Http.PostAsync($"/api/devices/{neverUp}/restart", null)).EnsureSuccessStatusCode();
        var healed = new Dictionary<Guid, string>();
        foreach (var (fault, errorType) in new[]
        {
            ("crash", "CONTAINER_CRASHED"), ("adb-dead", "ADB_DISCONNECTED"), ("hang", "NOT_RESPONDING"),
        })
        {
            var phone = await user.CreateRunningAsync(fault);
            await faults.SetAsync(phone, fault);
            await faults.RoundAsync();
            await Wait.UntilAsync($"it to be found: {fault}",
                async () => await StatusAsync(user, phone) != "running", 90, 0.05);
            await platform.KillServiceAsync(AppIds.Devices);
            await platform.UntilHealthyAsync(AppIds.Devices);
            await user.UntilStatusAsync(phone, "running");
            healed[phone] = errorType;
        }
        await Wait.UntilAsync("the last one to be given up",
            async () => await StatusAsync(user, neverUp) == "failed", 150, 0.5);

        foreach (var (phone, errorType) in healed)
        {
            var told = await ToldAsync(user, phone, "device.recovered");
            Assert.Equal(errorType == "ADB_DISCONNECTED" ? 1 : 0, told.Count(n => n.Type == "device.connection_lost"));
            var error = Assert.Single(told, n => n.Type == "device.error").Data;
            Assert.Equal((errorType, "HIGH"), (Text(error, "errorType"), Text(error, "priority")));
            var recovered = Assert.Single(told, n => n.Type == "device.recovered").Data;
            Assert.Contains(Text(recovered, "strategy"), (string[])["restart", "recreate"]);
            await IsPausedAsync(user, phone, error, recovered);
        }
        var end = await ToldAsync(user, neverUp, "device.failed");
        Assert.Equal("BOOT_TIMED_OUT", Text(Assert.Single(end, n => n.Type == "device.error").Data, "errorType"));
        Assert.Equal(3, Assert.Single(end, n => n.Type == "device.failed").Data.GetProperty("attempts").GetInt32());
        await Wait.UntilAsync("a mail for each", () => healed.Count + 1 == Mails(platform, user, "has a problem")
            && Mails(platform, user, "running again") == healed.Count && Mails(platform, user, "recovered") == 1);
        Assert.Contains(user.Pushed, n => Text(n, "type") == "device.error" && Text(n, "priority") == "critical");

        foreach (var phone in healed.Keys.Append(neverUp))
            (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
        await using var admin = await platform.AdminAsync();
        await PlatformAtRest.UntilAsync(platform, admin, []); // what was metered is what the phones' histories say
        await Wait.UntilAsync("nothing of them to be left", async () => platform.Phones().Count == 0
            && (await user.QuotaUsageAsync()).GetProperty("currentDevices").GetInt32() == 0);
    }

    /// <summary>Metering stands still from the error to the recovery.</summary>
    async Task IsPausedAsync(PlatformUser user, Guid phone, JsonElement error, JsonElement recovered)
    {
        var broken = recovered.GetProperty("recoveredAt").GetDateTimeOffset()
            - error.GetProperty("occurredAt").GetDateTimeOffset();
        output.WriteLine($"{Text(error, "errorType")}: {broken.TotalSeconds:0.0} s, by {Text(recovered, "strategy")}");
        await Wait.UntilAsync("its pause", async () =>
            await user.ListAsync($"/api/billing/usage?deviceId={phone}") is [var usage]
            && Text(usage, "status") == "open"
            && Math.Abs(usage.GetProperty("pausedSeconds").GetInt64() - broken.TotalSeconds) <= 1);
    }

    static async Task<string> StatusAsync(PlatformUser user, Guid phone) =>
        Text(await user.GetAsync($"/api/devices/{phone}"), "status");

    /// <summary>What its user was told of a phone, once the last of it is there.</summary>
    static async Task<List<NotificationRow>> ToldAsync(PlatformUser user, Guid phone, string last)
    {
        List<NotificationRow> told = [];
        await Wait.UntilAsync($"{last} of {phone}", async () =>
        {
            told = [.. (await user.ListAsync("/api/notifications")).As<NotificationRow>()
                .Where(n => n.DeviceId == phone)];
            return told.Exists(n => n.Type == last);
        });
        return told;
    }

    static int Mails(RunningPlatform platform, PlatformUser user, string subject) =>
        Directory.GetFiles(platform.MailFolder, "*.eml").Select(File.ReadAllLines).Count(mail =>
            Array.Exists(mail, l => l.StartsWith("To:", StringComparison.Ordinal)
                && l.Contains(user.Email, StringComparison.Ordinal))
            && Array.Exists(mail, l => l.StartsWith("Subject:", StringComparison.Ordinal)
                && l.EndsWith(subject, StringComparison.Ordinal)));

    static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
