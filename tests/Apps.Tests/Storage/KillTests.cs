using System.Net.Http.Headers;
using System.Security.Cryptography;
using CloudPhone.Apps.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Apps.Tests.Storage;

/// <summary>The service as a process that is killed while it stores: what it acknowledged is there whole, and of what
/// it did not nothing is left.</summary>
public sealed class KillTests : AppTest
{
    const int Parts = 25;
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    protected override TimeProvider Clock => _clock;

    static byte[] Large()
    {
        var filler = new byte[Parts * StoredFile.PartBytes];
        new Random(9).NextBytes(filler);
        return TestApk.Of("com.example.killed", filler: filler);
    }

    HttpClient At(Uri address)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", Service.Tokens.User(Guid.CreateVersion7(), ["operator"]));
        return client;
    }

    [Fact]
    public async Task Killed_between_two_parts()
    {
        var apk = Large();
        bool isAcknowledged;
        await using (var process = ServiceProcess.Start<AppDb>(Service.Settings))
        {
            using var client = At(await process.AddressAsync());
            var upload = client.UploadAsync(apk);
            await Wait.UntilAsync("the first part", () => Store.Parts().Count > 0);
            await process.KillAsync();
            isAcknowledged = await IsCreatedAsync(upload);
        }
        var apps = (await Operator.GetAsync("/api/apps").JsonAsync()).Items();
        Assert.Equal(isAcknowledged ? 1 : apps.Count, apps.Count);
        _clock.Advance(TimeSpan.FromHours(7));
        await Wait.UntilAsync("only whole files to be there", async () =>
            await Service.InDatabaseAsync(db => db.Set<StoredFile>().CountAsync()) == apps.Count);
        Assert.Equal(apps.Count * (Parts + 1), Store.Parts().Count);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Service.DataFolder, "uploads")));
        if (apps.Count == 0)
            await Operator.UploadAsync(apk).JsonAsync(201);
        var app = (await Operator.GetAsync($"/api/apps?q=killed").JsonAsync()).Items().Single();
        var version = (await Operator.GetAsync($"/api/apps/{app.Id()}/versions").JsonAsync()).Items().Single();
        await using var file = await Operator.GetStreamAsync($"/api/apps/{app.Id()}/versions/{version.Id()}/file");
        Assert.Equal(SHA256.HashData(apk), await SHA256.HashDataAsync(file));
    }

    static async Task<bool> IsCreatedAsync(Task<HttpResponseMessage> upload)
    {
        try
        {
            using var answer = await upload;
            return (int)answer.StatusCode == 201;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
