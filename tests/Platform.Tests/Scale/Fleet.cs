using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Faults;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Scale;

/// <summary>Many phones of one user, from the first creation until nothing of them is left.</summary>
sealed partial class Fleet(RunningPlatform platform, PlatformUser admin, PlatformUser user, int size)
{
    const int AtOnce = 8;
    const int InBatch = 100;
    /// <summary>Seconds; a busy machine needs a while for so many.</summary>
    const double Limit = 300;
    readonly List<Guid> _ids = [];
    HashSet<int> _ports = [];
    Before _before = null!;
    long _looks;

    /// <summary>What others have: the platform is not this fleet's alone.</summary>
    sealed record Before(
        IReadOnlyList<int> Phones, IReadOnlyList<Guid> Devices, IReadOnlyList<NodeRow> Nodes,
        IReadOnlyList<PlacementRow> Placements);

    /// <summary>The processes of its own.</summary>
    public IReadOnlyList<int> Phones => [.. platform.Phones().Except(_before.Phones)];

    [GeneratedRegex("""^phone_checks_total\{.*outcome="well".*\} (\d+)""", RegexOptions.Multiline)]
    private static partial Regex Looks();

    string FolderOf(Guid id) => Path.Combine(platform.Data, "phones", $"{id}");

    /// <summary>With room and money for that many.</summary>
    public static async Task<PlatformUser> NewUserAsync(RunningPlatform platform, PlatformUser admin, int size)
    {
        var user = await platform.NewUserAsync();
        var room = new { maxDevices = size, totalCpuCores = size, totalMemoryGB = size };
        (await admin.Http.PutAsJsonAsync($"/api/quotas/user/{user.Id}", room)).EnsureSuccessStatusCode();
        var money = new { amount = 1000, note = "many phones" };
        (await admin.Http.PostAsJsonAsync($"/api/users/{user.Id}/adjustments", money)).EnsureSuccessStatusCode();
        return user;
    }

    async Task<Before> LookAsync() => new(
        platform.Phones(),
        [.. (await admin.ListAsync("/api/devices")).As<DeviceRow>().Select(d => d.Id).Order()],
        [.. (await admin.ListAsync("/api/scheduler/nodes")).As<NodeRow>().OrderBy(n => n.Id)],
        [.. (await admin.ListAsync("/api/scheduler/placements")).As<PlacementRow>().Where(p => p.HoldsRoom)
            .OrderBy(p => p.DeviceId)]);

    /// <returns>From the first request until all run.</returns>
    public async Task<TimeSpan> CreateAsync()
    {
        _before = await LookAsync();
        _looks = await LooksAsync();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, size), new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, ct) =>
            {
                using var answer = await user.CreateAsync($"p{i}");
                var body = await answer.Content.ReadAsStringAsync(ct);
                Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{(int)answer.StatusCode} {body}");
                using var json = JsonDocument.Parse(body);
                lock (_ids)
                    _ids.Add(json.RootElement.GetProperty("device").GetProperty("id").GetGuid());
            });
        await Wait.UntilAsync($"{size} phones to run", async () =>
            (await user.ListAsync("/api/devices?status=running")).Count == size, Limit, 0.25);
        watch.Stop();
        Assert.Equal(size, Phones.Count);
        _ports = [.. _ids.SelectMany(PortsOf)];
        Assert.Equal(2 * size, _ports.Count);
        return watch.Elapsed;
    }

    IEnumerable<int> PortsOf(Guid id)
    {
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(FolderOf(id), "run.json")));
        return [run.RootElement.GetProperty("port").GetInt32(), run.RootElement.GetProperty("adbPort").GetInt32()];
    }

    /// <returns>From the cron's call until each phone's turn has come, in this round or one before it, and as many
    /// looks have found phones well.</returns>
    public async Task<TimeSpan> CheckAsync()
    {
        using var faults = new PhoneFaults(platform);
        var watch = Stopwatch.StartNew();
        await faults.RoundAsync();
        await Wait.UntilAsync($"{size} phones to be well", async () =>
            Checked() == size && await LooksAsync() - _looks >= size, Limit, 0.1);
        return watch.Elapsed;
    }

    int Checked()
    {
        using var devices = platform.OpenDatabase(AppIds.Devices);
        return devices.Rows("id FROM devices WHERE checked_at IS NOT NULL", r => r.Id(0)).Intersect(_ids).Count();
    }

    async Task<long> LooksAsync()
    {
        using var http = new HttpClient();
        var looks = 0L;
        foreach (var address in platform.AddressesOf(AppIds.Devices))
            looks += Looks().Matches(await http.GetStringAsync(new Uri(address, "/metrics")))
                .Sum(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));
        return looks;
    }

    /// <summary>Of these, each is seen and asked.</summary>
    public async Task UseAsync(int phones)
    {
        foreach (var id in _ids.Chunk(size / phones).Select(c => c[0]))
        {
            Assert.Equal((byte)'P', (await user.Http.GetByteArrayAsync($"/api/devices/{id}/screenshot"))[1]);
            using var shell = await user.Http.PostAsJsonAsync(
                $"/api/devices/{id}/shell", new { command = "getprop", args = new[] { "ro.serialno" } });
            Assert.Equal($"{id:N}\n",
                (await shell.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("stdout").GetString());
        }
    }

    /// <returns>From the first request until the last phone is gone.</returns>
    public async Task<TimeSpan> DeleteAsync()
    {
        var watch = Stopwatch.StartNew();
        var operations = new List<Guid>();
        foreach (var ids in _ids.Chunk(InBatch))
        {
            using var answer = await user.Http.PostAsJsonAsync(
                "/api/devices/batch", new { action = "delete", deviceIds = ids });
            answer.EnsureSuccessStatusCode();
            var batch = await answer.Content.ReadFromJsonAsync<JsonElement>();
            operations.Add(batch.GetProperty("operationId").GetGuid());
        }
        foreach (var operation in operations)
            await Wait.UntilAsync("a batch to be over", async () =>
            {
                var now = await user.GetAsync($"/api/devices/operations/{operation}?waitSeconds=4");
                if (now.GetProperty("endedAt").ValueKind == JsonValueKind.Null)
                    return false;
                Assert.Equal("succeeded", now.GetProperty("status").GetString());
                return true;
            }, Limit);
        return watch.Elapsed;
    }

    /// <summary>Neither processes, ports or files, nor room, quota, open usage or unsaid events.</summary>
    public async Task NothingIsLeftAsync()
    {
        // without the user: those rules want what is told and billed of phones that run, and these ran
        await PlatformAtRest.UntilAsync(platform, admin, [], 90);
        var after = await LookAsync();
        Assert.Equal(_before.Phones.Order(), after.Phones.Order());
        Assert.Empty(Footprint.Listening(_ports));
        Assert.DoesNotContain(_ids, id => Directory.Exists(FolderOf(id)));
        Assert.Equal(_before.Devices, after.Devices);
        await Wait.UntilAsync("the quota to be free", async () =>
            (await user.QuotaUsageAsync()).As<QuotaRow>() == new QuotaRow(0, 0, 0));
        Assert.Equal(_before.Nodes, after.Nodes);
        Assert.Equal(_before.Placements, after.Placements);
        Assert.All((await user.ListAsync("/api/billing/usage")).As<UsageRow>(), u => Assert.Equal("closed", u.Status));
        Assert.Empty(Databases.Pending(platform));
    }
}
