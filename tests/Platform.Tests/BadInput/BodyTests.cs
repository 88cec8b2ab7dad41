using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>
/// Bodies that are wrong, for every route that takes one: a problem each time, and nothing is different afterwards.
/// </summary>
[Collection(nameof(SharedPlatform))]
public sealed class BodyTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    const int MaxBody = 1 << 20;

    [Fact]
    public async Task Wrong_bodies_get_a_problem_and_change_nothing()
    {
        await using var user = await Platform.NewUserAsync();
        await using var admin = await AdminAsync();
        var targets = await TargetsAsync(user, admin);
        var device = Guid.Parse(targets["/api/devices/{id}"]);
        await Facts.UnchangedAsync(Platform, async () =>
        {
            var wrong = new List<string?>();
            foreach (var operation in (await Operation.AllAsync(Platform)).Where(o => o.Body is not null))
                foreach (var (kind, text) in Mutations.NotObjects.Concat(Mutations.Of(operation.Body!)))
                    if (!IsHarmless(operation, kind))
                        wrong.Add(await Refusal.WrongAsync($"{operation.Name} with {kind}",
                            await SendAsync(operation, TargetOf(operation, targets), user, Json(text)),
                                Refusals(operation)));
            Refusal.AssertNone(wrong);
        });
        (await user.Http.DeleteAsync($"/api/devices/{device}")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Other_media_types_get_415_and_change_nothing()
    {
        await using var user = await Platform.NewUserAsync();
        await Facts.UnchangedAsync(Platform, async () =>
        {
            var wrong = new List<string?>();
            foreach (var operation in (await Operation.AllAsync(Platform)).Where(o => o.Body is not null))
                foreach (var type in new[] { "text/plain", "application/xml", "application/x-www-form-urlencoded",
                    "multipart/form-data; boundary=x", "nonsense", null })
                {
                    var body = new ByteArrayContent(
                        Encoding.UTF8.GetBytes("{\"name\":\"x\",\"cpuCores\":1,\"memoryGB\":1}"));
                    if (type is not null)
                        body.Headers.TryAddWithoutValidation("Content-Type", type);
                    wrong.Add(await Refusal.WrongAsync($"{operation.Name} as {type ?? "nothing"}",
                        await SendAsync(operation, operation.At($"{Guid.CreateVersion7()}"), user, body), 415));
                }
            Refusal.AssertNone(wrong);
        });
    }

    [Fact]
    public async Task Oversized_bodies_get_413_and_change_nothing()
    {
        await using var user = await Platform.NewUserAsync();
        await Facts.UnchangedAsync(Platform, async () =>
        {
            var wrong = new List<string?>();
            var told = 0;
            foreach (var operation in (await Operation.AllAsync(Platform)).Where(o => o.Body is not null))
            {
                var path = operation.At($"{Guid.CreateVersion7()}");
                wrong.Add(await Refusal.WrongAsync($"{operation.Name} announced",
                    await SendAsync(operation, path, user, Large(), ("Expect", "100-continue")), 413));
                try
                {
                    wrong.Add(await Refusal.WrongAsync($"{operation.Name} in chunks",
                        await SendAsync(operation, path, user, new Chunked(Large())), 413));
                    told++;
                }
                catch (HttpRequestException e) when (e.InnerException is IOException)
                {
                    // who goes on sending to a server that has stopped reading may miss its answer
                }
            }
            Refusal.AssertNone(wrong);
            Assert.NotEqual(0, told);
        });

        static ByteArrayContent Large()
        {
            var body = new ByteArrayContent([.. Enumerable.Repeat((byte)' ', MaxBody + 1)]);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return body;
        }
    }

    [Fact]
    public async Task Wrong_uploads_get_a_problem_and_change_nothing()
    {
        const string Form = "multipart/form-data; boundary=x";
        const string File = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../a.apk\"\r\n\r\n";
        const string Name = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx\r\n";
        (string Text, string Type, int Status)[] uploads =
        [
            ("", "text/plain", 415), ("{}", "application/json", 415), ("", "multipart/form-data", 415), ("", Form, 400),
                ("nothing of a form", Form, 400),
            ($"{Name}--x--\r\n", Form, 400), ($"{File}no apk\r\n{Name}--x--\r\n", Form, 400),
                ($"{File}cut sho", Form, 400), ($"{Name}{Name}--x--\r\n", Form, 400),
        ];
        var files = Files();
        await Facts.UnchangedAsync(Platform, async () =>
        {
            var wrong = new List<string?>();
            foreach (var (text, type, status) in uploads)
            {
                var body = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
                body.Headers.TryAddWithoutValidation("Content-Type", type);
                wrong.Add(await Refusal.WrongAsync($"{type} {text}",
                    await SendAsync(Platform.Gateway, HttpMethod.Post, "/api/apps", OperatorToken, body), status));
            }
            Refusal.AssertNone(wrong);
        });
        Assert.Equal(files, Files());

        List<string> Files() =>
            [.. Directory.GetFiles(Path.Combine(Platform.Data, "apps"), "*", SearchOption.AllDirectories).Order()];
    }

    /// <summary>Things that are there, so that it is the body for which a request is refused.</summary>
    static async Task<Dictionary<string, string>> TargetsAsync(PlatformUser user, PlatformUser admin) => new()
    {
        ["/api/devices/{id}"] = (await user.CreateRunningAsync("target")).ToString(),
        ["/api/apps/{id}"] = (await user.ListAsync("/api/apps"))[0].GetProperty("id").GetString()!,
        ["/api/scheduler/nodes/{id}"] = (await admin.ListAsync("/api/scheduler/nodes"))[0].GetProperty("id")
            .GetString()!,
        ["/api/quotas/user/{userId}"] = user.Id.ToString(),
        ["/api/users/{id}"] = user.Id.ToString(),
        ["/api/billing/orders/{id}"] = await OrderAsync(user),
        ["/api/billing/plans/{id}"] = (await user.ListAsync("/api/billing/plans"))[0].GetProperty("id").GetString()!,
    };

    static async Task<string> OrderAsync(PlatformUser user)
    {
        using var answer = await user.Http.PostAsJsonAsync("/api/billing/orders", new { amount = 1 });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("orderId").GetString()!;
    }

    static string TargetOf(Operation operation, Dictionary<string, string> targets) =>
        operation.At(operation.HasId
            ? targets.First(t => operation.Path.StartsWith(t.Key, StringComparison.Ordinal)).Value : "");

    /// <summary>
    /// What means something, or nothing, all the same: a comment on its way out, a token that is none of ours.
    /// </summary>
    static bool IsHarmless(Operation operation, string kind) =>
        operation.Path == "/api/auth/logout" && kind is "refreshToken huge text";

    static int[] Refusals(Operation operation) => operation.Audience == Audience.Anybody ? [400, 401] : [400];

    Task<HttpResponseMessage> SendAsync(Operation operation, string path, PlatformUser user, HttpContent body,
        params (string, string)[] headers) => operation.Audience switch
        {
            Audience.Services => SendAsync(Platform.AddressOf(operation.AppId), operation.Method, path, null, body,
                [(ServiceTokens.Header, Tokens.Service("device-service")), .. headers]),
            Audience.Anybody => SendAsync(Platform.Gateway, operation.Method, path, null, body, headers),
            Audience.Operators => SendAsync(Platform.Gateway, operation.Method, path, OperatorToken, body, headers),
            Audience.Admins => SendAsync(Platform.Gateway, operation.Method, path, AdminToken, body, headers),
            _ => SendAsync(Platform.Gateway, operation.Method, path, Tokens.User(user.Id, [Roles.User]), body, headers),
        };

    sealed class Chunked : StreamContent
    {
        public Chunked(HttpContent inner) : base(inner.ReadAsStream()) =>
            Headers.ContentType = inner.Headers.ContentType;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
