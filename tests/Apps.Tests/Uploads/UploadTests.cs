using System.Net.Http.Headers;
using System.Security.Cryptography;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Apps.Tests.Uploads;

public sealed class UploadTests : IAsyncDisposable
{
    const int MaxBytes = 100_000;
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly TestService<AppDb> _service;
    readonly HttpClient _operator;

    public UploadTests()
    {
        _service = new(("APP_MAX_BYTES", $"{MaxBytes}"));
        _service.With(_clock);
        _operator = _service.As(Guid.CreateVersion7(), "operator");
    }

    IEnumerable<string> FileNames() => Directory.EnumerateFiles(Path.Combine(_service.DataFolder, "apps"))
        .Select(f => Path.GetFileName(f));

    async Task AssertNothingLeftAsync()
    {
        Assert.Empty((await _operator.GetAsync("/api/apps").JsonAsync()).Items());
        Assert.Empty(FileNames());
    }

    [Fact]
    public async Task What_the_apk_says_becomes_the_app_and_the_file_comes_back_as_it_was()
    {
        var apk = TestApk.Of("com.example.one", 12, "1.2");
        var app = await _operator.UploadAsync(apk, "  One ", "true").JsonAsync(201);
        var version = app.GetProperty("versions")[0];
        Assert.Equal(("One", "com.example.one", true),
            (app.Text("name"), app.Text("packageName"), app.GetProperty("preinstall").GetBoolean()));
        Assert.Equal(("1.2", 12), (version.Text("version"), version.GetProperty("versionCode").GetInt64()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(apk)), version.Text("sha256"));
        Assert.Equal([$"{version.Text("sha256")}.apk"], FileNames());

        using var user = _service.As(Guid.CreateVersion7());
        var file = await user.GetAsync($"/api/apps/{app.Id()}/versions/{version.Id()}/file");
        Assert.Equal(apk, await file.Content.ReadAsByteArrayAsync());
        using var devices = _service.AsService(AppIds.Devices);
        var same = await devices.GetAsync($"/internal/files?fileId={version.Id()}");
        Assert.Equal(apk.Length, same.Content.Headers.ContentLength);
        Assert.Equal(apk, await same.Content.ReadAsByteArrayAsync());
        await devices.GetAsync($"/internal/files?fileId={Guid.NewGuid()}").ProblemAsync(404, "not-found");
        await user.GetAsync($"/api/apps/{Guid.NewGuid()}/versions/{version.Id()}/file").ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Versions_of_one_package_are_one_app()
    {
        var app = await _operator.UploadAsync(TestApk.Of(code: 1)).JsonAsync(201);
        await _operator.AddVersionAsync(app.Id(), TestApk.Of(code: 3)).JsonAsync(201);
        await _operator.AddVersionAsync(app.Id(), TestApk.Of(code: 2)).JsonAsync(201);
        await _operator.AddVersionAsync(app.Id(), TestApk.Of(code: 2)).ProblemAsync(409, "version-exists");
        await _operator.AddVersionAsync(app.Id(), TestApk.Of("com.example.other")).ProblemAsync(400, "wrong-package");
        await _operator.AddVersionAsync(Guid.NewGuid(), TestApk.Of()).ProblemAsync(404, "not-found");
        await _operator.UploadAsync(TestApk.Of(code: 1)).ProblemAsync(409, "version-exists");
        var taken = await _operator.UploadAsync(TestApk.Of(code: 9)).ProblemAsync(409, "package-exists");
        Assert.Equal(app.Id(), taken.Id("appId"));
        var found = await _operator.GetAsync($"/api/apps/{app.Id()}").JsonAsync();
        Assert.Equal([3, 2, 1], found.GetProperty("versions").EnumerateArray()
            .Select(v => v.GetProperty("versionCode").GetInt64()));
        Assert.Equal("3.0", (await _operator.GetAsync("/api/apps").JsonAsync()).Items().Single().Text("version"));
        Assert.Equal(3, (await _operator.GetAsync($"/api/apps/{app.Id()}/versions").JsonAsync()).Items().Count);
        Assert.DoesNotContain(FileNames(), f => f.EndsWith(".upload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_upload_ten_times_at_once_makes_one_app()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _operator.UploadAsync(TestApk.Of())));
        Assert.Single(answers, a => (int)a.StatusCode == 201);
        Assert.Equal(9, answers.Count(a => (int)a.StatusCode == 409));
        Assert.Single(FileNames());
    }

    [Fact]
    public async Task An_upload_that_is_repeated_with_its_key_is_done_once()
    {
        _operator.DefaultRequestHeaders.Add("Idempotency-Key", "upload-1");
        var content = await Form(("name", "Once"), TestApk.Of()).ReadAsByteArrayAsync();
        var first = await PostAsync(content).JsonAsync(201);
        var second = await PostAsync(content);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(first.Id(), (await Task.FromResult(second).JsonAsync(201)).Id());
    }

    [Fact]
    public async Task Bad_uploads_are_refused_and_leave_nothing()
    {
        var apk = TestApk.Of();
        await _operator.UploadAsync("no apk"u8.ToArray()).ProblemAsync(400, "not-an-apk");
        await _operator.UploadAsync(apk[..^30]).ProblemAsync(400, "not-an-apk");
        await _operator.UploadAsync(apk, name: null).ProblemAsync(400, "bad-request");
        await _operator.UploadAsync(apk, name: new string('x', 101)).ProblemAsync(400, "bad-request");
        await _operator.UploadAsync(apk, name: "a\u0007b").ProblemAsync(400, "bad-request");
        await _operator.UploadAsync(apk, preinstall: "maybe").ProblemAsync(400, "bad-request");
        await _operator.UploadAsync(new byte[MaxBytes + 1]).ProblemAsync(413, "body-too-large");
        await _operator.UploadAsync(new byte[MaxBytes + (16 << 20)]).ProblemAsync(413, "body-too-large");
        await _operator.PostAsync("/api/apps", Form(("surprise", "x"), apk)).ProblemAsync(400, "bad-request");
        await _operator.PostAsync("/api/apps", new StringContent("{}", null, "application/json"))
            .ProblemAsync(415, "unsupported-media-type");
        await _operator.PostAsync("/api/apps", new MultipartFormDataContent { { new StringContent("x"), "name" } })
            .ProblemAsync(400, "bad-request");
        var whole = await Form(("name", "Cut"), apk).ReadAsByteArrayAsync();
        await PostAsync(whole[..^20]).ProblemAsync(400, "bad-request");
        await PostAsync([]).ProblemAsync(400, "bad-request");
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Only_operators_change_the_catalogue()
    {
        using var user = _service.As(Guid.CreateVersion7());
        using var anonymous = _service.Anonymous();
        await user.UploadAsync(TestApk.Of()).ProblemAsync(403, "forbidden");
        await user.AddVersionAsync(Guid.NewGuid(), TestApk.Of()).ProblemAsync(403, "forbidden");
        await anonymous.UploadAsync(TestApk.Of()).ProblemAsync(401, "unauthorized");
        await anonymous.GetAsync("/api/apps").ProblemAsync(401, "unauthorized");
        await user.GetAsync($"/internal/files?fileId={Guid.NewGuid()}").ProblemAsync(401, "unauthorized");
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task What_a_process_that_died_left_behind_is_swept()
    {
        var kept = await _operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        var folder = Path.Combine(_service.DataFolder, "apps");
        await File.WriteAllTextAsync(Path.Combine(folder, "half.upload"), "half");
        await File.WriteAllTextAsync(Path.Combine(folder, $"{new string('a', 64)}.apk"), "never committed");
        _clock.Advance(TimeSpan.FromHours(7));
        await Wait.UntilAsync("the leftovers are gone", () => FileNames().Count() == 1);
        Assert.Equal([$"{kept.GetProperty("versions")[0].Text("sha256")}.apk"], FileNames());
    }

    static MultipartFormDataContent Form((string Name, string Value) field, byte[] apk) => new("a-boundary")
    {
        { new StringContent(field.Value), field.Name }, { new ByteArrayContent(apk), "file", "a.apk" },
    };

    Task<HttpResponseMessage> PostAsync(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=a-boundary");
        return _operator.PostAsync("/api/apps", content);
    }

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        return _service.DisposeAsync();
    }
}
