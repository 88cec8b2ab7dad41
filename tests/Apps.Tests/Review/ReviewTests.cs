using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;

namespace CloudPhone.Apps.Tests.Review;

public sealed class ReviewTests : AppTest
{
    HttpClient _other = null!, _user = null!, _devices = null!;

    protected override IEnumerable<(string Name, string Value)> Settings => [("APP_REVIEW", "true")];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _other = Service.As(Guid.CreateVersion7(), "operator");
        _user = Service.As(Guid.CreateVersion7());
        _devices = Service.AsService(AppIds.Devices);
    }

    static string PathOf(JsonElement app, int version = 0) =>
        $"/api/apps/{app.Id()}/versions/{app.GetProperty("versions")[version].Id()}";

    Task<HttpResponseMessage> RejectAsync(string path, string? reason) =>
        _other.PostAsJsonAsync($"{path}/reject", new { reason });

    static Task<HttpResponseMessage> WithdrawAsync(HttpClient client, string path) =>
        client.PostAsJsonAsync($"{path}/withdraw", new { });

    async Task<string?> BeginAsync(Guid app, Guid device = default) =>
        (await _devices.BeginAsync(Guid.CreateVersion7(), device == default ? Guid.CreateVersion7() : device,
            Guid.CreateVersion7(), app).JsonAsync()) is var a && a.Text("outcome") == "pending"
            ? a.GetProperty("app").Text("version") : a.Text("outcome");

    [Fact]
    public async Task Until_another_operator_approves_it_nobody_gets_it()
    {
        var app = await Operator.UploadAsync(TestApk.Of(), preinstall: "true").JsonAsync(201);
        Assert.Equal("pending_review", app.GetProperty("versions")[0].Text("status"));
        Assert.Empty((await _user.GetAsync("/api/apps").JsonAsync()).Items());
        await _user.GetAsync($"/api/apps/{app.Id()}").ProblemAsync(404, "not-found");
        await _user.GetAsync($"/api/apps/{app.Id()}/versions").ProblemAsync(404, "not-found");
        await _user.GetAsync($"{PathOf(app)}/file").ProblemAsync(404, "not-found");
        // to users there is no such app: nothing tells its name
        Assert.Equal("unknown-app", await BeginAsync(app.Id()));
        Assert.Equal($"{app.Id()}", Assert.Single(await Service.PublishedAsync<AppInstallFailed>()).AppName);
        Assert.Equal("unknown-app", (await _devices.GetAsync($"/internal/installs/check?appId={app.Id()}")
            .JsonAsync()).Text("outcome"));
        var device = Guid.CreateVersion7();
        await Service.DeliverAsync(new DeviceCreated(
            device, Guid.CreateVersion7(), "p", "phone", 1, 1, Guid.Empty, DateTimeOffset.UtcNow, 1));
        Assert.Empty((await _devices.GetAsync($"/internal/installs?deviceId={device}").JsonAsync()).Items());

        // operators see it and can look at it
        Assert.Single((await _other.GetAsync("/api/apps").JsonAsync()).Items());
        Assert.Equal(app.GetProperty("versions")[0].Id(),
            Assert.Single((await _other.GetAsync("/api/apps/reviews").JsonAsync()).Items()).Id());
        (await _other.GetAsync($"{PathOf(app)}/file")).EnsureSuccessStatusCode();
        await Operator.PostAsync($"{PathOf(app)}/approve", null).ProblemAsync(403, "own-upload");
        await _user.PostAsync($"{PathOf(app)}/approve", null).ProblemAsync(403, "forbidden");

        var approved = await _other.PostAsync($"{PathOf(app)}/approve", null).JsonAsync();
        Assert.Equal("approved", approved.Text("status"));
        Assert.Equal("approved", (await _other.PostAsync($"{PathOf(app)}/approve", null).JsonAsync()).Text("status"));
        Assert.Single((await _user.GetAsync("/api/apps").JsonAsync()).Items());
        Assert.Equal("1.0", await BeginAsync(app.Id()));
        Assert.Empty((await _other.GetAsync("/api/apps/reviews").JsonAsync()).Items());
        Assert.Equal(["approved", "pending_review"], (await _other.GetAsync($"/api/apps/{app.Id()}/reviews").JsonAsync())
            .Items().Select(r => r.Text("status")));
    }

    [Fact]
    public async Task A_rejection_has_a_reason_and_is_for_good()
    {
        var app = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        await RejectAsync(PathOf(app), null).ProblemAsync(400, "bad-request");
        await RejectAsync(PathOf(app), " ").ProblemAsync(400, "bad-request");
        await RejectAsync(PathOf(app), new string('x', 501)).ProblemAsync(400, "bad-request");
        await RejectAsync(PathOf(app), "a\u0007").ProblemAsync(400, "bad-request");
        Assert.Equal("rejected", (await RejectAsync(PathOf(app), " It crashes. ").JsonAsync()).Text("status"));
        await RejectAsync(PathOf(app), "again").ProblemAsync(409, "wrong-state");
        await _other.PostAsync($"{PathOf(app)}/approve", null).ProblemAsync(409, "wrong-state");
        await WithdrawAsync(_other, PathOf(app)).ProblemAsync(409, "wrong-state");
        var entry = (await Operator.GetAsync($"/api/apps/{app.Id()}/reviews").JsonAsync()).Items()[0];
        Assert.Equal(("rejected", "It crashes."), (entry.Text("status"), entry.Text("reason")));
        Assert.NotEqual(Guid.Empty, entry.Id("byUserId"));
    }

    [Fact]
    public async Task Withdrawing_leaves_the_older_version_to_new_installs_and_begun_ones_alone()
    {
        var app = await Operator.UploadAsync(TestApk.Of(code: 1)).JsonAsync(201);
        var next = await Operator.AddVersionAsync(app.Id(), TestApk.Of(code: 2)).JsonAsync(201);
        var path = $"/api/apps/{app.Id()}/versions/{next.Id()}";
        await _other.PostAsync($"{PathOf(app)}/approve", null).JsonAsync();
        Assert.Equal("1.0", await BeginAsync(app.Id()));
        await WithdrawAsync(_other, path).ProblemAsync(409, "wrong-state");
        await _other.PostAsync($"{path}/approve", null).JsonAsync();
        var (begun, device, user) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        Assert.Equal("2.0", (await _devices.BeginAsync(begun, device, user, app.Id()).JsonAsync()).GetProperty("app")
            .Text("version"));
        Assert.Equal("2.0", (await _user.GetAsync("/api/apps").JsonAsync()).Items().Single().Text("version"));

        await _other.PostAsJsonAsync($"{path}/withdraw", new { reason = "It drains the battery." }).JsonAsync();
        await WithdrawAsync(_other, path).JsonAsync();
        Assert.Equal("1.0", await BeginAsync(app.Id()));
        Assert.Equal("1.0", (await _user.GetAsync("/api/apps").JsonAsync()).Items().Single().Text("version"));
        Assert.Single((await _user.GetAsync($"/api/apps/{app.Id()}").JsonAsync()).GetProperty("versions")
            .EnumerateArray());
        Assert.Equal("2.0", (await _devices.BeginAsync(begun, device, user, app.Id()).JsonAsync()).GetProperty("app")
            .Text("version"));

        await Operator.PostAsync($"{path}/approve", null).ProblemAsync(403, "own-upload");
        await _other.PostAsync($"{path}/approve", null).JsonAsync();
        Assert.Equal("2.0", await BeginAsync(app.Id()));
        var page = await Operator.GetAsync($"/api/apps/{app.Id()}/reviews?limit=2").JsonAsync();
        Assert.Equal(["approved", "withdrawn"], page.Items().Select(r => r.Text("status")));
        Assert.Equal(4, (await Operator.GetAsync($"/api/apps/{app.Id()}/reviews?cursor={page.Text("nextCursor")}")
            .JsonAsync()).Items().Count);
    }

    [Fact]
    public async Task Of_ten_decisions_at_once_one_is_made()
    {
        var app = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => i % 2 == 0
            ? _other.PostAsync($"{PathOf(app)}/approve", null) : RejectAsync(PathOf(app), "No.")));
        Assert.All(answers, a => Assert.Contains((int)a.StatusCode, new[] { 200, 409 }));
        Assert.Equal(2, (await Operator.GetAsync($"/api/apps/{app.Id()}/reviews").JsonAsync()).Items().Count);
    }

    [Fact]
    public async Task What_is_not_there_can_not_be_decided_about()
    {
        var app = await Operator.UploadAsync(TestApk.Of()).JsonAsync(201);
        var nowhere = $"/api/apps/{Guid.NewGuid()}/versions/{app.GetProperty("versions")[0].Id()}";
        await _other.PostAsync($"{nowhere}/approve", null).ProblemAsync(404, "not-found");
        await WithdrawAsync(_other, $"/api/apps/{app.Id()}/versions/{Guid.NewGuid()}")
            .ProblemAsync(404, "not-found");
        await RejectAsync(nowhere, "x").ProblemAsync(404, "not-found");
        await _other.GetAsync($"/api/apps/{Guid.NewGuid()}/reviews").ProblemAsync(404, "not-found");
        await _user.GetAsync($"/api/apps/{app.Id()}/reviews").ProblemAsync(403, "forbidden");
        await _user.GetAsync("/api/apps/reviews").ProblemAsync(403, "forbidden");
    }

    public override ValueTask DisposeAsync()
    {
        _other.Dispose();
        _user.Dispose();
        _devices.Dispose();
        return base.DisposeAsync();
    }
}
