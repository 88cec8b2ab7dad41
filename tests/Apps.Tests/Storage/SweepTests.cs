using System.Net.Http.Json;
using System.Security.Cryptography;
using CloudPhone.Apps.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Apps.Tests.Storage;

/// <summary>What nobody needs goes from the store, and nothing else.</summary>
public sealed class SweepTests : AppTest
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    protected override IEnumerable<(string Name, string Value)> Settings => [("APP_REVIEW", "true")];
    protected override TimeProvider Clock => _clock;

    /// <summary>As a process leaves it that died: a row, and some of its parts.</summary>
    async Task<StoredFile> LeaveAsync(FileStatus status, char digit)
    {
        var now = _clock.GetUtcNow();
        var file = new StoredFile
        {
            Id = Guid.CreateVersion7(now), Sha256 = new(digit, 64), Size = 3 * StoredFile.PartBytes, Status = status,
            CreatedAt = now,
        };
        await Service.InDatabaseAsync(db => { db.Add(file); return db.SaveChangesAsync(); });
        Directory.CreateDirectory(Path.GetDirectoryName(Store.PathOf(file.PartName(1)))!);
        await File.WriteAllTextAsync(Store.PathOf(file.PartName(1)), "a part");
        return file;
    }

    [Fact]
    public async Task What_was_never_committed_goes_and_what_is_used_stays()
    {
        var used = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        var killed = await LeaveAsync(FileStatus.Storing, 'a');
        var forgotten = await LeaveAsync(FileStatus.Kept, 'b');
        await File.WriteAllTextAsync(Path.Combine(Service.DataFolder, "uploads", "half.upload"), "half");
        _clock.Advance(TimeSpan.FromMinutes(11));
        await Wait.UntilAsync("nothing is left that no version names",
            async () => (await Service.RowsAsync()).TrueForAll(f => f.Id != forgotten.Id));
        Assert.Contains(killed.PartName(1), Store.Parts()); // it may still be on its way
        _clock.Advance(TimeSpan.FromHours(7));
        await Wait.UntilAsync("the leftovers are gone", async () => (await Service.RowsAsync()).Count == 1);
        Assert.Contains(used.GetProperty("versions")[0].Text("sha256"), Assert.Single(Store.Parts()),
            StringComparison.Ordinal);
        await Wait.UntilAsync("so is what was coming in",
            () => !Directory.EnumerateFiles(Path.Combine(Service.DataFolder, "uploads")).Any());
    }

    [Fact]
    public async Task What_a_store_did_not_take_whole_goes_at_once()
    {
        var apk = TestApk.Large();
        var sha = Convert.ToHexStringLower(SHA256.HashData(apk));
        var inTheWay = Store.PathOf(sha[..2]);
        await File.WriteAllTextAsync(inTheWay, "where a folder should be");
        await Operator.UploadAsync(apk).ProblemAsync(503, "storage-unavailable");
        var row = Assert.Single(await Service.RowsAsync());
        Assert.Equal(FileStatus.Removing, row.Status);
        File.Delete(inTheWay);
        Directory.CreateDirectory(inTheWay);
        await File.WriteAllBytesAsync(Store.PathOf(row.PartName(1)), apk[..StoredFile.PartBytes]);
        _clock.Advance(TimeSpan.FromMinutes(11));
        await Wait.UntilAsync("it is gone", async () => (await Service.RowsAsync()).Count == 0);
        Assert.Empty(Store.Parts());
    }

    [Fact]
    public async Task One_that_can_not_be_removed_is_in_nobodys_way()
    {
        var stuck = await LeaveAsync(FileStatus.Removing, 'a');
        File.CreateSymbolicLink(Store.PathOf(stuck.PartName(0)), "/etc/hostname"); // no store follows that
        await LeaveAsync(FileStatus.Removing, 'b');
        _clock.Advance(TimeSpan.FromMinutes(11));
        await Wait.UntilAsync("the other one is gone", async () => (await Service.RowsAsync()).Count == 1);
        Assert.Equal(stuck.Id, Assert.Single(await Service.RowsAsync()).Id);
        File.Delete(Store.PathOf(stuck.PartName(0)));
        _clock.Advance(TimeSpan.FromMinutes(11));
        await Wait.UntilAsync("so is that", async () => (await Service.RowsAsync()).Count == 0);
    }

    [Fact]
    public async Task The_file_of_a_rejected_version_goes_after_a_week()
    {
        var app = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        var version = $"/api/apps/{app.Id()}/versions/{app.GetProperty("versions")[0].Id()}";
        using var other = Service.As(Guid.CreateVersion7(), "operator");
        await other.PostAsJsonAsync($"{version}/reject", new { reason = "No." }).JsonAsync();
        _clock.Advance(TimeSpan.FromDays(6));
        (await other.GetAsync($"{version}/file")).EnsureSuccessStatusCode();
        _clock.Advance(TimeSpan.FromDays(2));
        await Wait.UntilAsync("it is gone", () => Store.Parts().Count == 0);
        await other.GetAsync($"{version}/file").ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_file_that_was_swept_can_not_be_kept()
    {
        var path = Path.Combine(Service.DataFolder, "a.apk");
        await File.WriteAllBytesAsync(path, new byte[1000]);
        await using var scope = Service.Services.CreateAsyncScope();
        var files = scope.ServiceProvider.GetRequiredService<FileKeeping>();
        var file = await files.StoreAsync(path, new('c', 64), 1000, default);
        _clock.Advance(TimeSpan.FromHours(7));
        await Wait.UntilAsync("it is gone", async () => (await Service.RowsAsync()).Count == 0);
        await Assert.ThrowsAsync<StoreException>(() => files.KeepAsync(file, () => Task.FromResult(true), default));
    }
}
