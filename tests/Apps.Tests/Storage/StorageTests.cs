using System.Net.Http.Headers;
using CloudPhone.Apps.Storage;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Apps.Tests.Storage;

public sealed class StorageTests : AppTest
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    protected override TimeProvider Clock => _clock;

    static byte[] Large() => TestApk.Large();

    [Fact]
    public async Task A_file_is_kept_in_parts_and_any_range_of_it_comes_back()
    {
        var apk = Large();
        var app = await Operator.UploadAsync(apk).JsonAsync(201);
        Assert.Equal([.. Enumerable.Repeat((long)StoredFile.PartBytes, 2), apk.Length - (2L * StoredFile.PartBytes)],
            Store.Parts().Select(p => new FileInfo(Store.PathOf(p)).Length));
        var path = $"/api/apps/{app.Id()}/versions/{app.GetProperty("versions")[0].Id()}/file";
        using var whole = await Operator.GetAsync(path);
        Assert.Equal(apk.Length, whole.Content.Headers.ContentLength);
        Assert.Equal(apk, await whole.Content.ReadAsByteArrayAsync());
        foreach (var (from, to) in new[] { (0, 9), (StoredFile.PartBytes - 5, StoredFile.PartBytes + 5),
            (apk.Length - 7, apk.Length - 1) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Range = new(from, to);
            request.Headers.IfRange = new(new EntityTagHeaderValue($"\"{app.GetProperty("versions")[0].Text("sha256")}\""));
            using var answer = await Operator.SendAsync(request);
            Assert.Equal(206, (int)answer.StatusCode);
            Assert.Equal(apk[from..(to + 1)], await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task While_the_store_is_away_nothing_is_acknowledged_and_callers_are_told_to_come_again()
    {
        var kept = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        var file = $"/api/apps/{kept.Id()}/versions/{kept.GetProperty("versions")[0].Id()}/file";
        await Store.StopAsync();
        using (var refused = await Operator.UploadAsync(Large()))
        {
            Assert.Equal(5, refused.Headers.RetryAfter?.Delta?.TotalSeconds);
            await Task.FromResult(refused).ProblemAsync(503, "storage-unavailable");
        }
        await Operator.AddVersionAsync(kept.Id(), TestApk.Of(code: 2)).ProblemAsync(503, "storage-unavailable");
        await Operator.GetAsync(file).ProblemAsync(503, "storage-unavailable");
        Assert.Single((await Operator.GetAsync("/api/apps").JsonAsync()).Items());
        await Store.StartAgainAsync();
        (await Operator.GetAsync(file)).EnsureSuccessStatusCode();
        await Operator.UploadAsync(Large()).JsonAsync(201);
    }

    [Fact]
    public async Task The_file_of_a_deleted_app_goes_after_a_week_and_its_twin_stays()
    {
        var apk = Large();
        var first = await Operator.UploadAsync(apk).JsonAsync(201);
        await Operator.DeleteAsync($"/api/apps/{first.Id()}").JsonAsync(204);
        var second = await Operator.UploadAsync(apk).JsonAsync(201);
        Assert.Equal(6, Store.Parts().Count);
        _clock.Advance(TimeSpan.FromDays(6));
        _clock.Advance(TimeSpan.FromDays(2));
        await Wait.UntilAsync("one of them is gone", () => Store.Parts().Count == 3);
        using var file = await Service.As(Guid.CreateVersion7()).GetAsync(
            $"/api/apps/{second.Id()}/versions/{second.GetProperty("versions")[0].Id()}/file");
        Assert.Equal(apk, await file.Content.ReadAsByteArrayAsync());
    }
}
