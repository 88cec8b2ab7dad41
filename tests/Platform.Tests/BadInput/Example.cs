using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Platform.Tests.Money;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Whose an example is.</summary>
enum Belongs
{
    /// <summary>The owner's alone: another user gets 404.</summary>
    ToOwner,
    /// <summary>Every user may read it.</summary>
    ToAll,
    /// <summary>Nothing like it is there; enough for routes that refuse by role before they look.</summary>
    ToNobody,
}

/// <summary>What a placeholder of a path is filled with.</summary>
sealed record Example(Belongs Belongs, Func<ExampleOwner, Task<string>> MakeAsync);

/// <summary>An example for each placeholder, by the path up to it. A new route with an id needs one here.</summary>
static class Examples
{
    public static readonly IReadOnlyDictionary<string, Example> Of = new Dictionary<string, Example>
    {
        ["/api/users/{id}"] = Owned(o => o.User.Id),
        ["/api/users/me/sessions/{id}"] = Owned(async o => Id((await o.User.ListAsync("/api/users/me/sessions"))[0])),
        ["/api/quotas/user/{userId}"] = Owned(o => o.User.Id),
        ["/api/devices/user/{userId}"] = Owned(o => o.User.Id),
        ["/api/devices/{id}"] = Owned(o => o.StoppedPhoneAsync()),
        ["/api/devices/operations/{operationId}"] = Owned(o => o.OperationAsync()),
        ["/api/devices/snapshots/{snapshotId}"] = Owned(o => o.SnapshotAsync()),
        ["/api/devices/{id}/shares/{shareId}"] = Owned(o => o.ShareAsync()),
        // only what was installed can be changed, for which a phone has to run
        ["/api/devices/{id}/apps/{appId}"] = new(
            Belongs.ToNobody, _ => Task.FromResult(Guid.CreateVersion7().ToString())),
        // only a phone that runs has one
        ["/api/devices/{id}/adb/{tunnelId}"] = new(
            Belongs.ToNobody, _ => Task.FromResult(Guid.CreateVersion7().ToString())),
        ["/api/media/sessions/{id}"] = Owned(o => o.ScreenSessionAsync()),
        // of sessions, for which a phone has to run
        ["/api/media/recordings/{id}"] = new(
            Belongs.ToNobody, _ => Task.FromResult(Guid.CreateVersion7().ToString())),
        ["/api/notifications/{id}"] = Owned(async o => Id((await o.User.ListAsync("/api/notifications"))[0])),
        ["/api/apps/{id}"] = Public(async o => Id((await o.User.ListAsync("/api/apps"))[0])),
        ["/api/apps/{id}/versions/{versionId}"] = Public(async o =>
            Id((await o.User.ListAsync(
                $"/api/apps/{Id((await o.User.ListAsync("/api/apps"))[0])}/versions"))[0])),
        ["/api/scheduler/nodes/{id}"] = Public(async o => Id((await o.Admin.ListAsync("/api/scheduler/nodes"))[0])),
        ["/api/scheduler/reservations/{id}"] = Owned(o => o.ReservationAsync()),
        ["/api/scheduler/actions/{id}"] = Owned(o => o.ActionAsync()),
        ["/api/billing/plans/{id}"] = Public(async o => Id((await o.User.ListAsync("/api/billing/plans"))[0])),
        ["/api/users/me/api-keys/{keyId}"] = Owned(o => o.ApiKeyAsync()),
        ["/api/users/{id}/api-keys/{keyId}"] = Owned(o => o.ApiKeyAsync()),
        ["/api/billing/orders/{id}"] = Owned(async o => (await SandboxPayer.OrderAsync(o.User, 10)).OrderId),
        ["/api/billing/payments/callback/{provider}"] = new(Belongs.ToAll, _ => Task.FromResult("sandbox")),
        ["/api/billing/sandbox/pay/{paymentId}"] = Public(async o =>
            (await SandboxPayer.OrderAsync(o.User, 10)).PaymentId),
        ["/api/billing/invoices/{id}"] = Owned(o => o.InvoiceAsync()),
        ["/api/notifications/dead-letters/{id}"] = new(
            Belongs.ToNobody, _ => Task.FromResult(Guid.CreateVersion7().ToString())),
    };

    /// <summary>Of reads that can't do without one.</summary>
    public static readonly IReadOnlyDictionary<string, string> Queries = new Dictionary<string, string>
    {
        ["/api/scheduler/actions/preview"] = "?cron=0+3+*+*+*",
    };

    /// <summary>Reads for which a phone has to run, which examples don't: their own tests have them.</summary>
    public static readonly IReadOnlySet<string> OfRunningPhones = new HashSet<string>
    {
        "/api/devices/{id}/stats", "/api/devices/{id}/screenshot", "/api/devices/{id}/logs", "/api/devices/{id}/files",
        "/api/devices/{id}/files/content", "/api/media/recordings/{id}", "/api/media/recordings/{id}/file",
    };

    /// <exception cref="InvalidOperationException">There is none; the message says what to add.</exception>
    public static Example At(string prefix) => Of.TryGetValue(prefix, out var example) ? example
        : throw new InvalidOperationException(Missing(prefix));

    public static string Missing(string prefix) =>
        $"{prefix}: add to Examples.Of (Example.cs) how its owner gets one, as Owned(...), or as Public(...) if every "
        + "user may read it.";

    /// <summary>The parts of a path that end with a placeholder, which are what examples go by.</summary>
    public static IEnumerable<string> Prefixes(string path)
    {
        for (var end = path.IndexOf('}', StringComparison.Ordinal); end >= 0;
            end = path.IndexOf('}', end + 1))
            yield return path[..(end + 1)];
    }

    static Example Owned(Func<ExampleOwner, Guid> id) => Owned(o => Task.FromResult(id(o)));

    static Example Owned(Func<ExampleOwner, Task<Guid>> make) =>
        new(Belongs.ToOwner, async o => (await make(o)).ToString());

    static Example Public(Func<ExampleOwner, Task<Guid>> make) =>
        new(Belongs.ToAll, async o => (await make(o)).ToString());

    static Guid Id(JsonElement item) => item.GetProperty("id").GetGuid();
}

/// <summary>A user who has one of everything. What changes by itself, like a phone that runs, is not among
/// it.</summary>
sealed class ExampleOwner(PlatformUser user, PlatformUser admin) : IAsyncDisposable
{
    readonly Dictionary<string, string> _made = [];
    Guid? _phone;
    Guid _screenSession;

    public PlatformUser User => user;
    public PlatformUser Admin => admin;

    /// <summary>What was made, none of which another user may see.</summary>
    public IEnumerable<string> Secrets =>
        _made.Where(m => Examples.Of[m.Key].Belongs == Belongs.ToOwner).Select(m => m.Value).Append(user.Name);

    public static async Task<ExampleOwner> OnAsync(RunningPlatform platform) =>
        new(await platform.NewUserAsync(), await platform.AdminAsync());

    /// <summary>The operation's path about the owner's things.</summary>
    public async Task<string> PathOfAsync(Operation operation)
    {
        var path = operation.Path;
        foreach (var prefix in Examples.Prefixes(operation.Path))
        {
            if (!_made.TryGetValue(prefix, out var id))
                _made[prefix] = id = await Examples.At(prefix).MakeAsync(this);
            var placeholder = prefix[prefix.LastIndexOf('{')..];
            path = path.Replace(placeholder, id, StringComparison.Ordinal);
        }
        return path;
    }

    public async Task<Guid> StoppedPhoneAsync()
    {
        if (_phone is { } made)
            return made;
        var id = await user.CreateRunningAsync("example");
        using var answer = await user.Http.PostAsJsonAsync("/api/media/sessions", new { deviceId = id });
        answer.EnsureSuccessStatusCode();
        _screenSession = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("sessionId").GetGuid();
        (await user.Http.PostAsync($"/api/devices/{id}/stop", null)).EnsureSuccessStatusCode();
        await user.UntilStatusAsync(id, "stopped");
        await Wait.UntilAsync("notifications", async () => (await user.ListAsync("/api/notifications")).Count > 1);
        await Wait.UntilAsync("the session's end", async () => (await user.ListAsync("/api/media/sessions"))
            .All(s => s.GetProperty("endedAt").ValueKind != JsonValueKind.Null));
        _phone = id;
        return id;
    }

    /// <summary>Of the phone, while it ran.</summary>
    public async Task<Guid> ScreenSessionAsync()
    {
        await StoppedPhoneAsync();
        return _screenSession;
    }

    public async Task<Guid> ApiKeyAsync()
    {
        using var answer = await user.Http.PostAsJsonAsync(
            "/api/users/me/api-keys", new
            {
                name = "example", scopes = new[] { "devices:read" }, currentPassword = "seven green lanterns",
            });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    /// <summary>About a phone that there is not, so that nothing changes.</summary>
    public async Task<Guid> OperationAsync()
    {
        using var answer = await user.Http.PostAsJsonAsync(
            "/api/devices/batch", new { action = "stop", deviceIds = new[] { Guid.CreateVersion7() } });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("operationId").GetGuid();
    }

    public async Task<Guid> SnapshotAsync()
    {
        using var answer = await user.Http.PostAsJsonAsync(
            $"/api/devices/{await StoppedPhoneAsync()}/snapshots", new { name = "example" });
        answer.EnsureSuccessStatusCode();
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("snapshotId").GetGuid();
        await Wait.UntilAsync("the snapshot", async () => (await user.GetAsync($"/api/devices/operations/{id}"))
            .GetProperty("status").GetString() == "succeeded", 60);
        return id;
    }

    public async Task<Guid> ShareAsync()
    {
        using var answer = await user.Http.PostAsJsonAsync(
            $"/api/devices/{await StoppedPhoneAsync()}/shares", new { access = "view", minutes = 60 });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    public async Task<Guid> ActionAsync()
    {
        using var answer = await user.Http.PostAsJsonAsync("/api/scheduler/actions",
            new { deviceIds = new[] { await StoppedPhoneAsync() }, action = "stop", cron = "0 3 1 1 *" });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    /// <summary>For later, so that it holds nothing.</summary>
    public async Task<Guid> ReservationAsync()
    {
        using var answer = await user.Http.PostAsJsonAsync("/api/scheduler/reservations",
            new { cpuCores = 1, memoryGB = 1, minutes = 5, startAt = DateTimeOffset.UtcNow.AddDays(1) });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    /// <summary>It comes with a payment.</summary>
    public async Task<Guid> InvoiceAsync()
    {
        await new SandboxPayer(user.Platform).TellThreeTimesAsync(await SandboxPayer.OrderAsync(user, 10));
        await Wait.UntilAsync("the invoice", async () => (await user.ListAsync("/api/billing/invoices")).Count > 0);
        return (await user.ListAsync("/api/billing/invoices"))[0].GetProperty("id").GetGuid();
    }

    public async ValueTask DisposeAsync()
    {
        if (_phone is { } phone)
            (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
        await user.DisposeAsync();
        await admin.DisposeAsync();
    }
}
