using System.Net.Http.Json;

namespace CloudPhone.Apps.Tests.Catalogue;

public sealed class CatalogueTests : AppTest
{
    HttpClient _user = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _user = Service.As(Guid.CreateVersion7());
    }

    [Fact]
    public async Task Users_browse_in_pages_and_search_names_and_packages()
    {
        foreach (var word in new[] { "Alpha", "Beta", "Gamma" })
            await Operator.UploadAsync(TestApk.Of($"com.example.{word}x"), word).JsonAsync(201);
        var first = await _user.GetAsync("/api/apps?limit=2").JsonAsync();
        Assert.Equal(["Gamma", "Beta"], first.Items().Select(a => a.Text("name")));
        var second = await _user.GetAsync($"/api/apps?limit=2&cursor={first.Text("nextCursor")}").JsonAsync();
        Assert.Equal("Alpha", second.Items().Single().Text("name"));
        Assert.Equal("Beta", (await _user.GetAsync("/api/apps?q=bEt").JsonAsync()).Items().Single().Text("name"));
        Assert.Equal("Gamma", (await _user.GetAsync("/api/apps?q=gammax").JsonAsync()).Items().Single().Text("name"));
        Assert.Empty((await _user.GetAsync("/api/apps?q=%25").JsonAsync()).Items());
        var path = $"/api/apps/{first.Items()[0].Id()}";
        await Operator.PatchAsJsonAsync(path, new { name = "ÖFFI Ёлка" }).JsonAsync();
        foreach (var word in new[] { "öffi", "ЁЛ", "gammaX" })
            Assert.Equal("ÖFFI Ёлка", (await _user.GetAsync($"/api/apps?q={Uri.EscapeDataString(word)}").JsonAsync())
                .Items().Single().Text("name"));
        await _user.GetAsync($"/api/apps?q={new string('x', 101)}").ProblemAsync(400, "bad-request");
        await _user.GetAsync("/api/apps?limit=101").ProblemAsync(400, "bad-request");
        await _user.GetAsync($"/api/apps/{Guid.NewGuid()}").ProblemAsync(404, "not-found");
        await _user.GetAsync("/api/apps/no-id").ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task What_is_given_is_changed_and_the_rest_stays()
    {
        var app = await Operator.UploadAsync(TestApk.Of(), "Before").JsonAsync(201);
        var path = $"/api/apps/{app.Id()}";
        await Operator.PatchAsJsonAsync(path, new { description = "Text", preinstall = true }).JsonAsync();
        var changed = await Operator.PatchAsJsonAsync(path, new { name = "After" }).JsonAsync();
        Assert.Equal(("After", "Text", true),
            (changed.Text("name"), changed.Text("description"), changed.GetProperty("preinstall").GetBoolean()));
        await Operator.PatchAsJsonAsync(path, new { name = " " }).ProblemAsync(400, "bad-request");
        await Operator.PatchAsJsonAsync(path, new { name = 5 }).ProblemAsync(400, "bad-request");
        await Operator.PatchAsJsonAsync(path, new { description = new string('x', 2001) })
            .ProblemAsync(400, "bad-request");
        await Operator.PatchAsJsonAsync($"/api/apps/{Guid.NewGuid()}", new { name = "x" })
            .ProblemAsync(404, "not-found");
        await _user.PatchAsJsonAsync(path, new { name = "x" }).ProblemAsync(403, "forbidden");
        Assert.Equal("After", (await _user.GetAsync(path).JsonAsync()).Text("name"));
    }

    [Fact]
    public async Task A_deleted_app_is_gone_and_its_package_free_again()
    {
        var app = await Operator.UploadAsync(TestApk.Of(), preinstall: "true").JsonAsync(201);
        var path = $"/api/apps/{app.Id()}";
        await _user.DeleteAsync(path).ProblemAsync(403, "forbidden");
        await Operator.DeleteAsync(path).ProblemAsync(409, "app-is-preinstalled");
        await Operator.PatchAsJsonAsync(path, new { preinstall = false }).JsonAsync();
        await Operator.DeleteAsync(path).JsonAsync(204);
        await Operator.DeleteAsync(path).ProblemAsync(404, "not-found");
        await Operator.GetAsync(path).ProblemAsync(404, "not-found");
        await Operator.GetAsync($"{path}/versions").ProblemAsync(404, "not-found");
        Assert.Empty((await _user.GetAsync("/api/apps").JsonAsync()).Items());
        await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
    }

    [Fact]
    public async Task The_sample_app_is_seeded_once_and_stays_away_once_deleted()
    {
        var files = Directory.CreateTempSubdirectory("cloudphone-test-");
        for (var start = 1; start <= 3; start++)
        {
            // the same database at each start: the sample is there until an operator deletes it
            await using var service = new TestService<AppDb>(("CLOUDPHONE_DATA", files.FullName),
                ("APP_SEED_SAMPLE", "true"), Store.Setting);
            using var client = service.As(Guid.CreateVersion7(), "operator");
            var apps = (await client.GetAsync("/api/apps").JsonAsync()).Items();
            if (start == 3)
            {
                Assert.Empty(apps);
                break;
            }
            Assert.Equal("com.cloudphone.sample", Assert.Single(apps).Text("packageName"));
            Assert.True(apps[0].GetProperty("preinstall").GetBoolean());
            if (start == 2)
            {
                await client.PatchAsJsonAsync($"/api/apps/{apps[0].Id()}", new { preinstall = false }).JsonAsync();
                await client.DeleteAsync($"/api/apps/{apps[0].Id()}").JsonAsync(204);
            }
        }
        files.Delete(recursive: true);
    }

    public override ValueTask DisposeAsync()
    {
        _user.Dispose();
        return base.DisposeAsync();
    }
}
