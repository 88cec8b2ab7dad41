using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Scale;

/// <summary>
/// As many phones as one machine may have are created, asked how they are, used and deleted; then all is as it was
/// before. What a phone costs is printed and not asserted: that is the machine's.
/// </summary>
[Collection(nameof(SharedPlatform)), Trait("kind", "scale"), Trait("Needs", "Embedded")]
public sealed class ScaleTests(PlatformFixture fixture, ITestOutputHelper output)
{
    const int Used = 5;
    /// <summary>No leak: connections and threads that are kept for a while, with whatever comes next.</summary>
    static readonly Footprint Kept = new(40, 16);

    /// <summary>
    /// In short for every run; CLOUDPHONE_SCALE=full is what <c>tests/run.sh --scale</c> asks for. Only that one waits
    /// until idle connections are closed, which takes a minute and more.
    /// </summary>
    static readonly bool IsFull = Environment.GetEnvironmentVariable("CLOUDPHONE_SCALE") == "full";

    static readonly int[] Sizes = IsFull ? [10, 50, 100, 200] : [30];

    [Fact]
    public async Task Many_phones_are_created_checked_used_and_deleted_and_nothing_of_them_is_left()
    {
        var platform = fixture.Platform;
        await using var admin = await platform.AdminAsync();
        if (IsFull) // what is made once, and kept, is none of the phones'
            await RunAsync(platform, admin, Used, print: false);
        var services = platform.AllProcesses();
        var before = Footprint.Of(services);
        foreach (var size in Sizes)
        {
            await RunAsync(platform, admin, size, print: true);
            if (IsFull)
                await UntilAsBeforeAsync(services, before);
        }
        Assert.Equal(services.Order(), platform.AllProcesses().Order()); // none was ended meanwhile
    }

    async Task RunAsync(RunningPlatform platform, PlatformUser admin, int size, bool print)
    {
        await using var user = await Fleet.NewUserAsync(platform, admin, size);
        var fleet = new Fleet(platform, admin, user, size);
        var created = await fleet.CreateAsync();
        var phones = fleet.Phones;
        var ofPhone = Footprint.Memory(phones) / 1e6 / size;
        var ofServices = Footprint.Memory(platform.AllProcesses().Except(platform.Phones())) / 1e6;
        var ofDevices = Footprint.Memory([platform.PidOf(AppIds.Devices)!.Value]) / 1e6;
        var round = await fleet.CheckAsync();
        await fleet.UseAsync(Used);
        var deleted = await fleet.DeleteAsync();
        await fleet.NothingIsLeftAsync();
        if (print)
            Print($"{size} phones: {created.TotalSeconds / size:0.000} s each until all run, {ofPhone:0.0} MB each, "
                + $"a round of checks {round.TotalSeconds:0.00} s, {deleted.TotalSeconds / size:0.000} s each to "
                + $"delete; the platform {ofServices:0} MB, of which the device service {ofDevices:0} MB");
    }

    async Task UntilAsBeforeAsync(IReadOnlyList<int> services, Footprint before)
    {
        var now = before;
        try
        {
            await Wait.UntilAsync("files and threads to be closed", () =>
            {
                now = Footprint.Of(services);
                return now.Files <= before.Files + Kept.Files && now.Threads <= before.Threads + Kept.Threads;
            }, 180, 0.5);
        }
        finally
        {
            Print($"files and threads of the platform: {before.Files} and {before.Threads} before, {now.Files} and "
                + $"{now.Threads} after");
        }
    }

    void Print(string line)
    {
        output.WriteLine(line);
        Console.WriteLine($"MEASURED {line}");
    }
}
