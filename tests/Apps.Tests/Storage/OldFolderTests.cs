using System.Text.Json;
using CloudPhone.Apps.Storage;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Tests.Storage;

/// <summary>The service after an upgrade from a version that kept whole files in a folder.</summary>
public sealed class OldFolderTests : AppTest
{
    /// <summary>Uploads an app and leaves its file as that version did.</summary>
    async Task<(JsonElement App, byte[] Apk)> LeaveAsync(string folder, string package, byte[]? content = null)
    {
        var apk = TestApk.Large(package);
        var app = await Operator.UploadAsync(apk).JsonAsync(201);
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(
            Path.Combine(folder, $"{app.GetProperty("versions")[0].Text("sha256")}.apk"), content ?? apk);
        await Service.InDatabaseAsync(db => db.Set<StoredFile>().ExecuteDeleteAsync());
        return (app, apk);
    }

    static string FileOf(JsonElement app) =>
        $"/api/apps/{app.Id()}/versions/{app.GetProperty("versions")[0].Id()}/file";

    string DataApps => Path.Combine(Service.DataFolder, "apps");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_files_come_into_the_store_wherever_they_are(bool isAppFilesSet)
    {
        var own = Path.Combine(Service.DataFolder, "own");
        var places = isAppFilesSet ? new[] { DataApps, own } : [DataApps];
        var left = new List<(JsonElement App, byte[] Apk)>();
        foreach (var place in places)
            left.Add(await LeaveAsync(place, $"com.example.{Path.GetFileName(place)}"));
        await using var next = new TestService<AppDb>(
            [.. Service.Settings, .. isAppFilesSet ? new[] { ("APP_FILES", own) } : []]);
        using var user = next.As(Guid.CreateVersion7());
        foreach (var (app, apk) in left)
        {
            await Wait.UntilAsync("the file is there", async () => (await user.GetAsync(FileOf(app))).IsSuccessStatusCode);
            Assert.Equal(apk, await user.GetByteArrayAsync(FileOf(app)));
        }
        await Wait.UntilAsync("the old ones to be gone", () => places.All(p => Directory.GetFiles(p).Length == 0));
    }

    [Fact]
    public async Task One_that_is_broken_stays_and_is_in_nobodys_way_and_what_no_app_needs_goes()
    {
        var (broken, _) = await LeaveAsync(DataApps, "com.example.broken", TestApk.Of());
        var (whole, _) = await LeaveAsync(DataApps, "com.example.whole");
        var (deleted, young) = (Path.Combine(DataApps, $"{new string('d', 64)}.apk"), Path.Combine(DataApps, "1.upload"));
        foreach (var file in new[] { deleted, young })
            await File.WriteAllTextAsync(file, "old");
        File.SetLastWriteTimeUtc(deleted, DateTime.UtcNow.AddDays(-9));
        await using var next = new TestService<AppDb>(Service.Settings);
        using var user = next.As(Guid.CreateVersion7());
        await Wait.UntilAsync("the whole one is there", async () => (await user.GetAsync(FileOf(whole))).IsSuccessStatusCode);
        await Wait.UntilAsync("the others to be gone", () => !File.Exists(deleted));
        Assert.Equal([young, Path.Combine(DataApps, $"{broken.GetProperty("versions")[0].Text("sha256")}.apk")],
            Directory.GetFiles(DataApps).OrderByDescending(f => f == young));
        await user.GetAsync(FileOf(broken)).ProblemAsync(404, "not-found");
        Assert.Single(await next.RowsAsync());
    }

    [Fact]
    public async Task Two_instances_move_each_file_once()
    {
        var left = new List<(JsonElement App, byte[] Apk)>();
        for (var i = 0; i < 6; i++)
            left.Add(await LeaveAsync(DataApps, $"com.example.n{i}"));
        await using var one = new TestService<AppDb>(Service.Settings);
        await using var two = new TestService<AppDb>(Service.Settings);
        await Task.WhenAll(Task.Run(() => one.Services), Task.Run(() => two.Services));
        await Wait.UntilAsync("all are moved", () => Directory.GetFiles(DataApps).Length == 0);
        await Wait.UntilAsync("nobody is at it any more",
            async () => (await one.RowsAsync()).TrueForAll(f => f.Status != FileStatus.Storing));
        Assert.Equal(left.Count, (await one.RowsAsync()).Count(f => f.Status == FileStatus.Kept));
        using var user = two.As(Guid.CreateVersion7());
        foreach (var (app, apk) in left)
            Assert.Equal(apk, await user.GetByteArrayAsync(FileOf(app)));
    }
}
