using CloudPhone.Testing;
using static CloudPhone.Platform.Tests.BadInput.Twice.Submission;

namespace CloudPhone.Platform.Tests.BadInput.Twice;

static class OfTheRest
{
    static readonly Guid Nowhere = Guid.CreateVersion7();

    public static IReadOnlyList<(string Name, Submission Submission)> All { get; } =
    [
        ("PUT /api/quotas/user/{userId}", Once(null, s => Task.FromResult(s.ByAdmin("PUT",
            $"/api/quotas/user/{s.User.Id}", new { maxDevices = 20, totalCpuCores = 40, totalMemoryGB = 40 })))),
        ("POST /api/quotas/user/{userId}/usage", Once("quota_holdings", s => Task.FromResult(s.ByService(
            $"/api/quotas/user/{s.User.Id}/usage", Gone())))),
        ("POST /api/quotas/batch-usage", Once("quota_holdings", s => Task.FromResult(s.ByService(
            "/api/quotas/batch-usage", new
            {
                reports = new[] { new { userId = s.User.Id, deviceId = Guid.CreateVersion7(), cpuCores = 1,
                    memoryGB = 1, operation = "decrement" } },
            })))),
        ("POST /api/apps", Once("apps", async s =>
        {
            var apk = await SampleCopy.OfAsync(s.User, SampleCopy.NewPackage(), 1);
            return Upload(s, "/api/apps", apk, "Twice");
        })),
        ("POST /api/apps/{id}/versions", Once("versions", async s =>
        {
            var (app, package) = await NewAppAsync(s);
            return Upload(s, $"/api/apps/{app}/versions", await SampleCopy.OfAsync(s.User, package, 2), null);
        })),
        ("POST /api/apps/{id}/versions/{versionId}/withdraw", Once("reviews", async s => s.ByAdmin(
            "POST", $"{await NewVersionAsync(s)}/withdraw", new { reason = "twice" }))),
        ("POST /api/apps/{id}/versions/{versionId}/approve", Once("reviews", async s =>
        {
            var version = await NewVersionAsync(s);
            await Submitter.DoneAsync(s.ByAdmin("POST", $"{version}/withdraw", new { }));
            return s.ByAdmin("POST", $"{version}/approve");
        })),
        // without APP_REVIEW nothing waits for one
        ("POST /api/apps/{id}/versions/{versionId}/reject", Refused(s => s.ByAdmin(
            "POST", $"/api/apps/{Nowhere}/versions/{Nowhere}/reject", new { reason = "twice" }))),
        ("PATCH /api/apps/{id}", Once(null, async s => s.ByAdmin(
            "PATCH", $"/api/apps/{(await NewAppAsync(s)).App}", new { description = "once" }))),
        ("DELETE /api/apps/{id}", Once(null, async s => s.ByAdmin(
            "DELETE", $"/api/apps/{(await NewAppAsync(s)).App}"))),
        ("POST /api/notifications/{id}/read", Once(null, async s => s.ByUser(
            "POST", $"/api/notifications/{await NotificationAsync(s)}/read"))),
        ("POST /api/notifications/read-all", Once(null, s => Task.FromResult(s.ByUser(
            "POST", "/api/notifications/read-all")))),
        ("DELETE /api/notifications/{id}", Once(null, async s => s.ByUser(
            "DELETE", $"/api/notifications/{await NotificationAsync(s)}"))),
        ("PUT /api/notifications/preferences", Once(null, s => Task.FromResult(s.ByUser(
            "PUT", "/api/notifications/preferences", new { mail = true, language = "en" })))),
        ("POST /api/notifications/dead-letters/{id}/replay", Refused(s => s.ByAdmin(
            "POST", $"/api/notifications/dead-letters/{Nowhere}/replay"))),
        ("DELETE /api/notifications/dead-letters/{id}", Refused(s => s.ByAdmin(
            "DELETE", $"/api/notifications/dead-letters/{Nowhere}"))),
        ("POST /api/scheduler/reservations", ByKey("reservations", s => Task.FromResult(NewReservation(s)))),
        ("DELETE /api/scheduler/reservations/{id}", Once(null, async s => s.ByUser(
            "DELETE", $"/api/scheduler/reservations/{await Submitter.MadeAsync(NewReservation(s))}"))),
        // nodes last, each of them drained or removed: no phone is placed there
        ("POST /api/scheduler/nodes", Once("nodes", s => Task.FromResult(NewNode(s)))),
        ("PATCH /api/scheduler/nodes/{id}", Once(null, async s => s.ByAdmin(
            "PATCH", await NodeAsync(s), new { maxDevices = 2 }))),
        ("POST /api/scheduler/nodes/{id}/drain", Once(null, async s => s.ByAdmin(
            "POST", $"{await NodeAsync(s)}/drain"))),
        ("POST /api/scheduler/nodes/{id}/undrain", Once(null, async s => s.ByAdmin(
            "POST", $"{await NodeAsync(s)}/undrain"))),
        ("DELETE /api/scheduler/nodes/{id}", Once(null, async s => s.ByAdmin("DELETE", await NodeAsync(s)))),
    ];

    static Submission Refused(Func<Submitter, Send> send) =>
        Once(null, s => Task.FromResult(send(s))) with { IsRefused = true };

    /// <summary>One that exists would be counted until somebody finds out that it does not.</summary>
    static object Gone() =>
        new { deviceId = Guid.CreateVersion7(), cpuCores = 1, memoryGB = 1, operation = "decrement" };

    static Send Upload(Submitter s, string path, byte[] apk, string? name) =>
        s.Upload(s.Admin.Token, "POST", path, () => SampleCopy.Form(apk, name));

    static async Task<(Guid App, string Package)> NewAppAsync(Submitter s)
    {
        var package = SampleCopy.NewPackage();
        return (await Submitter.MadeAsync(
            Upload(s, "/api/apps", await SampleCopy.OfAsync(s.User, package, 1), "Twice")), package);
    }

    static async Task<string> NewVersionAsync(Submitter s)
    {
        var (app, _) = await NewAppAsync(s);
        var versions = await s.User.ListAsync($"/api/apps/{app}/versions");
        return $"/api/apps/{app}/versions/{versions[0].GetProperty("id").GetGuid()}";
    }

    static async Task<Guid> NotificationAsync(Submitter s)
    {
        await Wait.UntilAsync("notifications", async () => (await s.User.ListAsync("/api/notifications")).Count > 0);
        return (await s.User.ListAsync("/api/notifications"))[0].GetProperty("id").GetGuid();
    }

    static Send NewReservation(Submitter s) => s.ByUser("POST", "/api/scheduler/reservations",
        new { cpuCores = 1, memoryGB = 1, minutes = 5, startAt = DateTimeOffset.UtcNow.Date.AddDays(2) });

    static Send NewNode(Submitter s) => s.ByAdmin("POST", "/api/scheduler/nodes",
        new { name = $"twice-{Guid.NewGuid():N}", cpuCores = 1, memoryGB = 1, maxDevices = 1 });

    static async Task<string> NodeAsync(Submitter s) =>
        $"/api/scheduler/nodes/{await Submitter.MadeAsync(NewNode(s))}";
}
