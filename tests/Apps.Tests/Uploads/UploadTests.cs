using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using CloudPhone.Apps.Storage;
using CloudPhone.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Apps.Tests.Uploads;

public sealed class UploadTests : AppTest
{
    const int MaxBytes = 100_000;
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    protected override IEnumerable<(string Name, string Value)> Settings => [("APP_MAX_BYTES", $"{MaxBytes}")];
    protected override TimeProvider Clock => _clock;

    IEnumerable<string> Spooled() => Directory.EnumerateFiles(Path.Combine(Service.DataFolder, "uploads"));

    async Task AssertNothingLeftAsync()
    {
        Assert.Empty((await Operator.GetAsync("/api/apps").JsonAsync()).Items());
        Assert.Empty(Spooled());
        Assert.Empty(Store.Parts());
    }

    [Fact]
    public async Task What_the_apk_says_becomes_the_app_and_the_file_comes_back_as_it_was()
    {
        var apk = TestApk.WithSigningBlock(
            TestApk.Of("com.example.one", 12, "1.2", permissions: "android.permission.INTERNET"), 0x7109871a);
        var app = await Operator.UploadAsync(apk, "  One ", "true").JsonAsync(201);
        var version = app.GetProperty("versions")[0];
        Assert.Equal(("One", "com.example.one", true),
            (app.Text("name"), app.Text("packageName"), app.GetProperty("preinstall").GetBoolean()));
        Assert.Equal(("1.2", 12), (version.Text("version"), version.GetProperty("versionCode").GetInt64()));
        Assert.Equal("approved", version.Text("status"));
        Assert.Equal((24, 35), (version.GetProperty("minSdk").GetInt32(), version.GetProperty("targetSdk").GetInt32()));
        Assert.Equal("android.permission.INTERNET", version.GetProperty("permissions")[0].GetString());
        Assert.Equal("v2", version.GetProperty("signatureSchemes")[0].GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(apk)), version.Text("sha256"));
        Assert.StartsWith($"{version.Text("sha256")[..2]}/{version.Text("sha256")}-", Assert.Single(Store.Parts()));
        Assert.Empty(Spooled());

        using var user = Service.As(Guid.CreateVersion7());
        var file = await user.GetAsync($"/api/apps/{app.Id()}/versions/{version.Id()}/file");
        Assert.Equal(apk, await file.Content.ReadAsByteArrayAsync());
        using var devices = Service.AsService(AppIds.Devices);
        var begun = await devices.BeginAsync(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), app.Id())
            .JsonAsync();
        var path = $"/internal/files?fileId={begun.GetProperty("app").Id("fileId")}";
        Assert.Equal(apk, await devices.GetByteArrayAsync($"{path}&part=0"));
        await devices.GetAsync($"{path}&part=1").ProblemAsync(404, "not-found");
        await devices.GetAsync($"{path}&part=-1").ProblemAsync(404, "not-found");
        await devices.GetAsync($"/internal/files?fileId={Guid.NewGuid()}&part=0").ProblemAsync(404, "not-found");
        await user.GetAsync($"/api/apps/{Guid.NewGuid()}/versions/{version.Id()}/file").ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_disk_that_can_not_be_written_is_not_the_clients_mistake()
    {
        var app = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        Directory.Delete(Path.Combine(Service.DataFolder, "uploads"), recursive: true);
        await Operator.AddVersionAsync(app.Id(), TestApk.Of(code: 2)).ProblemAsync(503, "storage-unavailable");
        Directory.CreateDirectory(Path.Combine(Service.DataFolder, "uploads"));
        await Operator.AddVersionAsync(app.Id(), TestApk.Of(code: 2)).JsonAsync(201);
    }

    [Fact]
    public async Task No_version_comes_to_an_app_that_is_deleted_during_the_upload()
    {
        var app = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        var filler = new byte[MaxBytes - 10_000];
        Random.Shared.NextBytes(filler); // more than a client keeps back
        var apk = TestApk.Of(code: 2, filler: filler);
        var pipe = new Pipe();
        using var form = new MultipartFormDataContent { { new StreamContent(pipe.Reader.AsStream()), "file", "a.apk" } };
        using var slow = new HttpClient { BaseAddress = Operator.BaseAddress }; // the factory's sends whole bodies
        slow.DefaultRequestHeaders.Authorization = Operator.DefaultRequestHeaders.Authorization;
        var upload = slow.PostAsync($"/api/apps/{app.Id()}/versions", form);
        await pipe.Writer.WriteAsync(apk.AsMemory(0, apk.Length - 100));
        await Wait.UntilAsync("it has begun", () => Spooled().Any());
        await Operator.DeleteAsync($"/api/apps/{app.Id()}").JsonAsync(204);
        await pipe.Writer.WriteAsync(apk.AsMemory(apk.Length - 100));
        await pipe.Writer.CompleteAsync();
        await upload.ProblemAsync(404, "not-found");
        Assert.Equal([FileStatus.Kept, FileStatus.Removing], (await Service.RowsAsync()).Select(f => f.Status).Order());
    }

    [Fact]
    public async Task Versions_of_one_package_are_one_app()
    {
        var app = await Operator.UploadAsync(TestApk.Of(code: 1)).JsonAsync(201);
        await Operator.AddVersionAsync(app.Id(), TestApk.Of(code: 3)).JsonAsync(201);
        await Operator.AddVersionAsync(app.Id(), TestApk.Of(code: 2)).JsonAsync(201);
        await Operator.AddVersionAsync(app.Id(), TestApk.Of(code: 2)).ProblemAsync(409, "version-exists");
        await Operator.AddVersionAsync(app.Id(), TestApk.Of("com.example.other")).ProblemAsync(400, "wrong-package");
        await Operator.AddVersionAsync(Guid.NewGuid(), TestApk.Of()).ProblemAsync(404, "not-found");
        await Operator.UploadAsync(TestApk.Of(code: 1)).ProblemAsync(409, "version-exists");
        var taken = await Operator.UploadAsync(TestApk.Of(code: 9)).ProblemAsync(409, "package-exists");
        Assert.Equal(app.Id(), taken.Id("appId"));
        var found = await Operator.GetAsync($"/api/apps/{app.Id()}").JsonAsync();
        Assert.Equal([3, 2, 1], found.GetProperty("versions").EnumerateArray()
            .Select(v => v.GetProperty("versionCode").GetInt64()));
        Assert.Equal("3.0", (await Operator.GetAsync("/api/apps").JsonAsync()).Items().Single().Text("version"));
        Assert.Equal(3, (await Operator.GetAsync($"/api/apps/{app.Id()}/versions").JsonAsync()).Items().Count);
        Assert.Empty(Spooled());
    }

    [Fact]
    public async Task The_same_upload_ten_times_at_once_makes_one_app()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Operator.UploadAsync(TestApk.Of())));
        Assert.Single(answers, a => (int)a.StatusCode == 201);
        Assert.Equal(9, answers.Count(a => (int)a.StatusCode == 409));
        var rows = await Service.RowsAsync();
        Assert.Single(rows, f => f.Status == FileStatus.Kept);
        Assert.DoesNotContain(rows, f => f.Status == FileStatus.Storing);
        Assert.Single((await Operator.GetAsync("/api/apps").JsonAsync()).Items());
    }

    [Fact]
    public async Task An_upload_that_is_repeated_with_its_key_is_done_once()
    {
        Operator.DefaultRequestHeaders.Add("Idempotency-Key", "upload-1");
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
        await Operator.UploadAsync("no apk"u8.ToArray()).ProblemAsync(400, "not-an-apk");
        await Operator.UploadAsync(apk[..^30]).ProblemAsync(400, "not-an-apk");
        await Operator.UploadAsync(apk, name: null).ProblemAsync(400, "bad-request");
        await Operator.UploadAsync(apk, name: new string('x', 101)).ProblemAsync(400, "bad-request");
        await Operator.UploadAsync(apk, name: "a\u0007b").ProblemAsync(400, "bad-request");
        await Operator.UploadAsync(apk, preinstall: "maybe").ProblemAsync(400, "bad-request");
        await Operator.UploadAsync(new byte[MaxBytes + 1]).ProblemAsync(413, "body-too-large");
        await Operator.UploadAsync(new byte[MaxBytes + (16 << 20)]).ProblemAsync(413, "body-too-large");
        await Operator.PostAsync("/api/apps", Form(("surprise", "x"), apk)).ProblemAsync(400, "bad-request");
        await Operator.PostAsync("/api/apps", new StringContent("{}", null, "application/json"))
            .ProblemAsync(415, "unsupported-media-type");
        await Operator.PostAsync("/api/apps", new MultipartFormDataContent { { new StringContent("x"), "name" } })
            .ProblemAsync(400, "bad-request");
        var whole = await Form(("name", "Cut"), apk).ReadAsByteArrayAsync();
        await PostAsync(whole[..^20]).ProblemAsync(400, "bad-request");
        await PostAsync([]).ProblemAsync(400, "bad-request");
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task OnlyOperators_change_the_catalogue()
    {
        using var user = Service.As(Guid.CreateVersion7());
        using var anonymous = Service.Anonymous();
        await user.UploadAsync(TestApk.Of()).ProblemAsync(403, "forbidden");
        await user.AddVersionAsync(Guid.NewGuid(), TestApk.Of()).ProblemAsync(403, "forbidden");
        await anonymous.UploadAsync(TestApk.Of()).ProblemAsync(401, "unauthorized");
        await anonymous.GetAsync("/api/apps").ProblemAsync(401, "unauthorized");
        await user.GetAsync($"/internal/files?fileId={Guid.NewGuid()}").ProblemAsync(401, "unauthorized");
        await AssertNothingLeftAsync();
    }

    static MultipartFormDataContent Form((string Name, string Value) field, byte[] apk) => new("a-boundary")
    {
        { new StringContent(field.Value), field.Name }, { new ByteArrayContent(apk), "file", "a.apk" },
    };

    Task<HttpResponseMessage> PostAsync(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=a-boundary");
        return Operator.PostAsync("/api/apps", content);
    }
}
