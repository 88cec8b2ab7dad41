using System.Reflection;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>
/// Calls that only a sidecar or a sibling may make, made by somebody else: at the service's port, at the sidecar's and
/// through the gateway.
/// </summary>
[Collection(nameof(SharedPlatform))]
public sealed class ForgedCallTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    static readonly string[] Services =
        [AppIds.Gateway, AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing,
            AppIds.Notifications, AppIds.Media];

    static readonly string[] EventNames = [.. typeof(AppIds).Assembly.GetTypes()
        .Where(t => t is { IsInterface: false } && t.IsAssignableTo(typeof(IEvent)))
        .Select(t => (string)t.GetProperty("EventName", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)];

    /// <summary>In no document, and for users all the same.</summary>
    static readonly string[] OfUsers =
        ["GET /api/devices/list", "* /ws/notifications", "* /ws/notifications/negotiate"];

    /// <summary>Sessions' sockets have tokens of their own, and the player's files no secret.</summary>
    static bool IsOfViewers(string path) =>
        path is "/ws/media/{id}" or "/player" || path.StartsWith("/player/", StringComparison.Ordinal);

    static readonly (HttpMethod Method, string Path)[] OfSidecars =
    [
        .. EventNames.Append("receipts").Append("dead-letters").Select(e => (HttpMethod.Post, $"/events/{e}")),
        (HttpMethod.Put, "/actors/DeviceActor/ID/method/CommandAsync"),
        (HttpMethod.Put, "/actors/DeviceActor/ID/method/timer/boot"),
        (HttpMethod.Put, "/actors/DeviceActor/ID/method/remind/boot"),
        (HttpMethod.Delete, "/actors/DeviceActor/ID"),
        (HttpMethod.Get, "/dapr/config"),
        (HttpMethod.Get, "/dapr/subscribe"),
    ];

    [Fact]
    public Task Events_actors_and_the_sidecars_questions_need_the_sidecars_token() =>
        Facts.UnchangedAsync(Platform, async () =>
    {
        Assert.True(EventNames.Length > 30, $"{EventNames.Length} events");
        var id = Guid.CreateVersion7();
        var admin = Tokens.User(id, [Roles.Admin]);
        var wrong = new List<string?>();
        foreach (var service in Services)
            foreach (var (method, template) in OfSidecars)
            {
                var path = template.Replace("ID", id.ToString(), StringComparison.Ordinal);
                foreach (var (kind, bearer, header) in new (string, string?, (string, string)[])[]
                {
                    ("nothing", null, []), ("a wrong token", null, [("dapr-api-token", "guessed")]),
                        ("an empty token", null, [("dapr-api-token", "")]),
                    ("an operator's token", admin, []),
                    ("a service's token", null, [(ServiceTokens.Header, Tokens.Service(AppIds.Devices))]),
                })
                {
                    // nothing that the gateway has could be called: it may also say so
                    int[] right = service == AppIds.Gateway || bearer is not null ? [401, 404, 405] : [401];
                    wrong.Add(await Refusal.WrongAsync($"{service} {method} {path} with {kind}",
                        await SendAsync(Platform.AddressOf(service), method, path, bearer,
                        method == HttpMethod.Post ? CloudEvent(path.Split('/')[^1], id) : null, header), right));
                }
            }
        foreach (var (service, method, template) in await HiddenAsync())
            if (!IsOfSiblings(template) && !IsOpenOrOfUsers(method, template))
            {
                var path = Filled(template, id);
                foreach (var (kind, bearer, header) in new (string, string?, (string, string)[])[]
                {
                    ("nothing", null, []), ("a wrong token", null, [("dapr-api-token", "guessed")]),
                    ("an admin's token", admin, []),
                    ("a service's token", null, [(ServiceTokens.Header, Tokens.Service(AppIds.Devices))]),
                })
                    wrong.Add(await Refusal.WrongAsync($"{service} {method} {path} with {kind}",
                        await SendAsync(Platform.AddressOf(service), Verb(method), path, bearer, null, header), 401));
            }
        Refusal.AssertNone(wrong);
    });

    /// <summary>What services have beside their documents: a new route that is for nobody known fails here.</summary>
    [Fact]
    public async Task Every_route_is_in_a_document_or_for_siblings_or_sidecars()
    {
        var hidden = await HiddenAsync();
        var odd = hidden
            .Where(h => !IsOfSiblings(h.Path) && !IsOfSidecars(h.Path) && !IsOpenOrOfUsers(h.Method, h.Path))
            .Select(h => $"{h.App} {h.Method} {h.Path} is in no document: say in ForgedCallTests whom it is for.");
        Refusal.AssertNone(odd);
        foreach (var app in Services.Skip(1))
            Assert.Contains(hidden, h => h.App == app && IsOfSiblings(h.Path));
        string[] known = ["/internal/ledger/hold", "/internal/ledger/release", "/internal/invoices/pdf",
            "/internal/api-keys/exchange", "/internal/revocations", "/internal/sessions/over",
            "/internal/devices/holdings",
            "/cron/reconcile-quotas", "/events/billing.payment_success", "/dapr/subscribe"];
        Assert.Empty(known.Except(hidden.Select(h => h.Path)));
    }

    [Fact]
    public Task Routes_of_siblings_need_a_siblings_token_and_are_not_outside() =>
        Facts.UnchangedAsync(Platform, async () =>
    {
        var id = Guid.CreateVersion7();
        var admin = Tokens.User(id, [Roles.User, Roles.Operator, Roles.Admin]);
        var other = new Testing.TestTokens(new string('x', 48));
        var wrong = new List<string?>();
        foreach (var (app, verb, template) in (await HiddenAsync()).Where(h => IsOfSiblings(h.Path)))
        {
            var (method, path) = (Verb(verb), Filled(template, id));
            foreach (var (kind, bearer, header) in new (string, string?, (string, string)[])[]
            {
                ("nothing", null, []), ("an admin's token", admin, []),
                ("an admin's token in the service's place", null, [(ServiceTokens.Header, admin)]),
                ("the sidecar's header", null, [("dapr-api-token", "guessed"), ("dapr-caller-app-id", AppIds.Devices)]),
                ("a forged token", null, [(ServiceTokens.Header, other.Service(AppIds.Devices))]),
            })
                wrong.Add(await Refusal.WrongAsync($"{app} {method} {path} with {kind}",
                    await SendAsync(Platform.AddressOf(app), method, path, bearer, method == HttpMethod.Post
                        ? Json("{}") : null, header), 401));
            wrong.Add(await Refusal.WrongAsync(
                $"{method} {path} at the gateway", await SendAsync(Platform.Gateway, method, path, admin,
                method == HttpMethod.Post ? Json("{}") : null, (ServiceTokens.Header, Tokens.Service(AppIds.Devices))),
                    404));
        }
        Refusal.AssertNone(wrong);
    });

    /// <summary>
    /// A sidecar decodes paths, resolves dots and shows its own token to its app: what the gateway lets through
    /// decides.
    /// </summary>
    [Fact]
    public Task No_path_leads_from_the_gateway_to_what_is_for_sidecars() => Facts.UnchangedAsync(Platform, async () =>
    {
        var user = Guid.CreateVersion7();
        var token = Tokens.User(user, [Roles.User]);
        var wrong = new List<string?>();
        string[] ups = ["..%2f..%2f", "..%2F..%2F", "%2e%2e%2f%2e%2e%2f", "..%252f..%252f", "%252e%252e/%252e%252e/",
            "..%5c..%5c", "..\\..\\", "../../", "x/..%2f..%2f..%2f", "%2f..%2f..%2f"];
        (string Under, string? Token, string Target)[] ways =
        [
            ("auth", null, "events/billing.payment_success"), ("users", token, "events/billing.payment_success"),
                ("devices", token, "events/user.quota_updated"),
            ("devices", token, "events/dead-letters"), ("billing", token, "events/device.started"),
            ("notifications", token, "events/device.started"),
            ("auth", null, "internal/quotas/reserve"), ("apps", token, "events/device.created"),
            ("devices", token, $"actors/DeviceActor/{Guid.CreateVersion7()}/method/CommandAsync"),
            ("quotas", token, "api/quotas/batch-usage"),
        ];
        foreach (var (under, bearer, target) in ways)
            foreach (var up in ups)
                foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put })
                {
                    var path = $"/api/{under}/{up}{target}";
                    wrong.Add(
                        await Refusal.WrongAsync($"{method} {path}", await SendAsync(Platform.Gateway, method, path,
                        bearer, CloudEvent(target.Split('/')[^1], user)), 400, 401, 404, 405));
                }
        foreach (var path in new[] { "/api/quotas//batch-usage", "/api/quotas/batch-usage/", "/API/Quotas/Batch-Usage",
            "//api/quotas/batch-usage", "/api/quotas/./batch-usage", "/api/quotas/batch%2dusage",
            "/api/quotas/batch-usage%0d%0aX:%20y" })
            wrong.Add(
                await Refusal.WrongAsync(path, await SendAsync(Platform.Gateway, HttpMethod.Post, path, token,
                Json("""{"reports":[]}""")), 400, 404)); // not 401: it must not even reach the service
        Refusal.AssertNone(wrong);
    });

    [Fact]
    public async Task The_sidecars_own_ports_take_nothing_without_their_token()
    {
        string[] calls =
        [
            "POST /v1.0/publish/pubsub/cloudphone.events", "POST /v1.0/publish/bulk/pubsub/cloudphone.events",
                "GET /v1.0/metadata", "POST /v1.0/shutdown",
            "GET /v1.0/invoke/user-service/method/internal/users/contact",
                "PUT /v1.0/actors/DeviceActor/x/method/CommandAsync",
            "GET /v1.0/secrets/secrets/JWT_SECRET", "GET /v1.0/secrets/secrets/bulk", "GET /v1.0/state/statestore/x",
                "POST /v1.0/state/statestore", "POST /v1.0/bindings/x",
        ];
        foreach (var service in Services)
            foreach (var call in calls)
                foreach (var (kind, header) in new (string, (string, string)[])[] { ("no token", []),
                    ("a wrong one", [("dapr-api-token", "guessed")]) })
                {
                    using var answer = await SendAsync(
                        Platform.SidecarOf(service), new HttpMethod(call.Split(' ')[0]), call.Split(' ')[1], null,
                        call.StartsWith("GET", StringComparison.Ordinal) ? null : Json("{}"), header);
                    Assert.True(answer.StatusCode == System.Net.HttpStatusCode.Unauthorized,
                        $"{call} at the sidecar of {service} with {kind}: {(int)answer.StatusCode}");
                }
    }

    /// <summary>All that the services themselves say to have, without what their documents tell of.</summary>
    async Task<IReadOnlyList<(string App, string Method, string Path)>> HiddenAsync()
    {
        var told = (await Operation.AllAsync(Platform)).Select(o => $"{o.AppId} {o.Name}").ToHashSet();
        var hidden = new List<(string App, string Method, string Path)>();
        foreach (var app in Services.Skip(1))
        {
            using var answer = await SendAsync(Platform.AddressOf(app), HttpMethod.Get, "/internal/routes", null, null,
                (ServiceTokens.Header, Tokens.Service(AppIds.Devices)));
            foreach (var route in JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement
                .EnumerateArray())
                hidden.Add((app, route.GetProperty("method").GetString()!, route.GetProperty("path").GetString()!));
        }
        return [.. hidden.Distinct().Where(h => !told.Contains($"{h.App} {h.Method} {h.Path}"))];
    }

    static bool IsOfSiblings(string path) => path.StartsWith("/internal/", StringComparison.Ordinal);

    static bool IsOfSidecars(string path) =>
        path.Split('/')[1] is "events" or "actors" or "cron" or "dapr" or "healthz";

    static bool IsOpenOrOfUsers(string method, string path) =>
        TokenTests.Open.Contains(path) || IsOfViewers(path) || path == "/openapi/{documentName}.json"
            || OfUsers.Contains($"{method} {path}");

    static HttpMethod Verb(string method) => method == "*" ? HttpMethod.Post : HttpMethod.Parse(method);

    static string Filled(string template, Guid id) =>
        string.Join('/', template.Split('/').Select(s => s.StartsWith('{') ? id.ToString() : s));

    static StringContent CloudEvent(string type, Guid user) => new(
        $$"""
        {"specversion":"1.0","id":"forged-{{Guid.NewGuid():N}}","type":"{{type}}","source":"billing-service",
        "datacontenttype":"application/json",
        "data":{"userId":"{{user}}","deviceId":"{{Guid.CreateVersion7()}}","amount":1000,"currency":"CNY",
        "maxDevices":999,"totalCpuCores":999,"totalMemoryGB":999,"version":99,"updatedAt":"2030-01-01T00:00:00Z"}
        }
        """, null, "application/cloudevents+json");
}
