using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Testing;
using static CloudPhone.Platform.Tests.BadInput.Twice.Submission;

namespace CloudPhone.Platform.Tests.BadInput.Twice;

static class OfPhones
{
    const string File = "?path=/sdcard/twice";
    static readonly string[] Stop = ["force-stop", "com.cloudphone.sample"];

    public static IReadOnlyList<(string Name, Submission Submission)> All { get; } =
    [
        ("POST /api/devices", ByKey("devices", s => Task.FromResult(s.ByUser(
            "POST", "/api/devices", new { name = "once", cpuCores = 1, memoryGB = 1 })))),
        ("POST /api/devices/{id}/start", Once(null, s => CommandAsync(s, "stopped", "start"))),
        ("POST /api/devices/{id}/restart", Once(null, s => CommandAsync(s, "running", "restart"))),
        ("POST /api/devices/{id}/stop", Once(null, s => CommandAsync(s, "running", "stop"))),
        ("PATCH /api/devices/{id}", Once(null, async s => s.ByUser(
            "PATCH", await s.PhoneAsync("running"), new { tags = new[] { "once" } }))),
        ("POST /api/devices/{id}/snapshots", ByKey(
            "snapshots", async s => NewSnapshot(s, await s.AnotherPhoneAsync()))),
        ("POST /api/devices/{id}/restore", ByKey("operations", async s =>
        {
            var phone = await s.AnotherPhoneAsync();
            var snapshot = await SnapshotAsync(s, phone);
            return s.ByUser("POST", $"{phone}/restore", new { snapshotId = snapshot });
        })),
        ("DELETE /api/devices/snapshots/{snapshotId}", Once(null, async s => s.ByUser(
            "DELETE", $"/api/devices/snapshots/{await SnapshotAsync(s, await s.AnotherPhoneAsync())}"))),
        ("POST /api/devices/batch", ByKey("operations", async s => s.ByUser("POST", "/api/devices/batch", new
        {
            action = "stop", deviceIds = new[] { (await s.PhoneAsync("running")).Split('/')[^1] },
        }))),
        ("POST /api/devices/{id}/install", ByKey("installs", async s =>
        {
            var appId = (await s.User.ListAsync("/api/apps"))[0].GetProperty("id").GetGuid();
            return await InPhoneAsync(s, "install", new { appId });
        })),
        // the sample has no newer version
        ("POST /api/devices/{id}/apps/{appId}/update", Once(null, s => Task.FromResult(s.ByUser("POST",
            $"/api/devices/{Guid.Empty}/apps/{Guid.Empty}/update"))) with { IsRefused = true }),
        ("DELETE /api/devices/{id}/apps/{appId}", ByKey("installs", async s => s.ByUser(
            "DELETE", await SampleOnPhoneAsync(s)))),
        ("POST /api/devices/{id}/shell", ByKey("device_history WHERE act = 'shell'",
            s => InPhoneAsync(s, "shell", new { command = "am", args = Stop }))),
        ("POST /api/devices/{id}/input", ByKey("device_history WHERE act = 'input'",
            s => InPhoneAsync(s, "input", new { type = "tap", x = 10, y = 10 }))),
        ("POST /api/devices/{id}/rotate", ByKey("device_history WHERE act = 'rotated'",
            s => InPhoneAsync(s, "rotate", new { orientation = "landscape" }))),
        ("PUT /api/devices/{id}/files", ByKey("device_history WHERE act = 'file-written'", async s =>
            Put(s, await s.PhoneAsync("running")))),
        ("DELETE /api/devices/{id}/files", ByKey("device_history WHERE act = 'file-deleted'", async s =>
        {
            var phone = await s.PhoneAsync("running");
            await Submitter.DoneAsync(Put(s, phone));
            return s.ByUser("DELETE", $"{phone}/files{File}");
        })),
        ("POST /api/devices/{id}/shares", ByKey("device_shares", NewShareAsync)),
        ("DELETE /api/devices/{id}/shares/{shareId}", Once(null, async s => s.ByUser("DELETE",
            $"{await s.PhoneAsync("running")}/shares/{await Submitter.MadeAsync(await NewShareAsync(s))}"))),
        ("POST /api/devices/{id}/adb", ByKey("adb_tunnels", NewTunnelAsync) with { IsOfEmbedded = true }),
        ("DELETE /api/devices/{id}/adb/{tunnelId}", Once(null, async s => s.ByUser("DELETE",
            $"{await s.PhoneAsync("running")}/adb/{await Submitter.MadeAsync(await NewTunnelAsync(s))}")) with
        {
            IsOfEmbedded = true,
        }),
        ("POST /api/media/sessions", ByKey("sessions", NewSessionAsync)),
        ("POST /api/media/shared-sessions", ByKey("sessions", async s => s.ByNobody("/api/media/shared-sessions",
            new
            {
                shareToken = (await Submitter.DoneAsync(await NewShareAsync(s))).GetProperty("token").GetString(),
            }))),
        ("DELETE /api/media/sessions/{id}", Once(null, async s => s.ByUser("DELETE", "/api/media/sessions/"
            + (await Submitter.DoneAsync(await NewSessionAsync(s))).GetProperty("sessionId").GetString()))),
        ("POST /api/media/recordings", Once("recordings", NewRecordingAsync)),
        ("POST /api/media/recordings/{id}/stop", Once(null, async s => s.ByUser("POST",
            $"/api/media/recordings/{await Submitter.MadeAsync(await NewRecordingAsync(s))}/stop"))),
        ("DELETE /api/media/recordings/{id}", Once(null, async s => s.ByUser("DELETE",
            $"/api/media/recordings/{await Submitter.MadeAsync(await NewRecordingAsync(s))}"))),
        ("POST /api/scheduler/actions", ByKey("timed_actions", NewActionAsync)),
        ("PATCH /api/scheduler/actions/{id}", Once(null, async s => s.ByUser("PATCH",
            $"/api/scheduler/actions/{await Submitter.MadeAsync(await NewActionAsync(s))}", new { name = "once" }))),
        ("DELETE /api/scheduler/actions/{id}", Once(null, async s => s.ByUser("DELETE",
            $"/api/scheduler/actions/{await Submitter.MadeAsync(await NewActionAsync(s))}"))),
        ("DELETE /api/devices/{id}", Once(null, async s => s.ByUser("DELETE", await s.AnotherPhoneAsync()))),
    ];

    static Send NewSnapshot(Submitter s, string phone) =>
        s.ByUser("POST", $"{phone}/snapshots", new { name = "once" });

    static async Task<Guid> SnapshotAsync(Submitter s, string phone)
    {
        var id = (await Submitter.DoneAsync(NewSnapshot(s, phone))).GetProperty("snapshotId").GetGuid();
        await Wait.UntilAsync("the snapshot", async () => (await s.User.GetAsync($"/api/devices/operations/{id}"))
            .GetProperty("status").GetString() == "succeeded", 60);
        await s.User.UntilStatusAsync(Guid.Parse(phone.Split('/')[^1]), "running"); // again
        return id;
    }

    static async Task<Send> CommandAsync(Submitter s, string from, string command) =>
        s.ByUser("POST", $"{await s.PhoneAsync(from)}/{command}");

    /// <summary>The app that comes with every phone, once it has come.</summary>
    static async Task<string> SampleOnPhoneAsync(Submitter s)
    {
        var phone = await s.PhoneAsync("running");
        Guid? app = null;
        await Wait.UntilAsync("the sample on the phone", async () =>
        {
            var there = (await s.User.ListAsync($"{phone}/apps")).FirstOrDefault(
                a => a.GetProperty("status").GetString() == "installed");
            return there.ValueKind != JsonValueKind.Undefined
                && (app = there.GetProperty("appId").GetGuid()) is not null;
        }, 60);
        return $"{phone}/apps/{app}";
    }

    static async Task<Send> InPhoneAsync(Submitter s, string what, object body) =>
        s.ByUser("POST", $"{await s.PhoneAsync("running")}/{what}", body);

    static Send Put(Submitter s, string phone) => s.Upload(s.User.Token, "PUT", $"{phone}/files{File}", () =>
    {
        var content = new ByteArrayContent("once"u8.ToArray());
        content.Headers.ContentType = new("application/octet-stream");
        return content;
    });

    static async Task<Send> NewShareAsync(Submitter s) =>
        await InPhoneAsync(s, "shares", new { access = "view", minutes = 60 });

    static async Task<Send> NewSessionAsync(Submitter s) => s.ByUser("POST", "/api/media/sessions",
        new { deviceId = (await s.PhoneAsync("running")).Split('/')[^1] });

    static async Task<Send> NewRecordingAsync(Submitter s) => s.ByUser("POST", "/api/media/recordings",
        new { sessionId = (await Submitter.DoneAsync(await NewSessionAsync(s))).GetProperty("sessionId").GetString() });

    static async Task<Send> NewTunnelAsync(Submitter s) =>
        await InPhoneAsync(s, "adb", new { publicKey = AdbKey() });

    /// <summary>As adb writes it: little-endian, 2048 bits, without what only speeds others up.</summary>
    static string AdbKey()
    {
        using var rsa = RSA.Create(2048);
        var key = new byte[524];
        key[0] = 64;
        rsa.ExportParameters(false).Modulus!.Reverse().ToArray().CopyTo(key, 8);
        (key[^4], key[^2]) = (1, 1);
        return Convert.ToBase64String(key);
    }

    static async Task<Send> NewActionAsync(Submitter s) => s.ByUser("POST", "/api/scheduler/actions", new
    {
        deviceIds = new[] { (await s.PhoneAsync("running")).Split('/')[^1] }, action = "stop", cron = "0 3 1 1 *",
    });
}
