using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>
/// The one check after every fault and every way of use: all services, databases and processes tell the same story, in
/// which each phone runs with everything that belongs to it, and of what failed nothing is left.
/// </summary>
public static class PlatformAtRest
{
    /// <summary>Waits until it is so.</summary>
    /// <returns>The phones that run.</returns>
    /// <exception cref="TimeoutException">Something still breaks the rules; the message says what.</exception>
    public static async Task<IReadOnlyList<DeviceRow>> UntilAsync(
        RunningPlatform platform, PlatformUser admin, IReadOnlyList<PlatformUser> users, double seconds = 150)
    {
        IReadOnlyList<string> broken = [];
        IReadOnlyList<DeviceRow> running = [];
        try
        {
            await Wait.UntilAsync("the platform to be at rest", async () =>
            {
                try
                {
                    var books = await Books.ReadAsync(platform, admin, users);
                    broken = [.. Rules.Broken(books)];
                    running = [.. books.Devices.Where(d => d.Status == "running")];
                }
                catch (HttpRequestException e) when (e.StatusCode is { } status && (int)status is >= 502 and <= 504)
                {
                    broken = [$"the books can't be read yet: {e.Message}"]; // it still heals
                }
                return broken.Count == 0;
            }, seconds);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(
                $"{e.Message}; {broken.Count} rules are broken:\n{string.Join('\n', broken.Take(40))}", e);
        }
        await UntilInstalledAsync(admin, running, seconds);
        await TraceRules.UntilHoldAsync(platform);
        await BilledRules.UntilHoldAsync(platform);
        return running;
    }

    static async Task UntilInstalledAsync(PlatformUser admin, IReadOnlyList<DeviceRow> running, double seconds)
    {
        foreach (var device in running)
            await Wait.UntilAsync($"the pre-installed app of {device.Id}", async () =>
                (await admin.ListAsync($"/api/devices/{device.Id}/apps"))
                    .Select(app => app.GetProperty("status").GetString()).ToList() is { Count: > 0 } all
                && all.TrueForAll(status => status == "installed"), seconds);
    }
}
