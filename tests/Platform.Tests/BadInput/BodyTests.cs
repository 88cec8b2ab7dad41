using System.Net.Http.Headers;
using System.Text;
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
        await using var owner = await ExampleOwner.OnAsync(Platform);
        var targets = new List<(Operation Operation, string Path)>();
        foreach (var operation in (await Operation.AllAsync(Platform)).Where(o => o.Body is not null))
            targets.Add((operation, await owner.PathOfAsync(operation)));
        await Facts.UnchangedAsync(Platform, async () =>
        {
            var wrong = new List<string?>();
            foreach (var (operation, path) in targets)
                foreach (var (kind, text) in Mutations.NotObjects.Concat(Mutations.Of(operation.Body!)))
                    if (!IsHarmless(operation, kind))
                        wrong.Add(await Refusal.WrongAsync($"{operation.Name} with {kind}",
                            await SendAsync(operation, path, owner.User, Json(text)), Refusals(operation)));
            Refusal.AssertNone(wrong);
        });
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

    /// <summary>
    /// What means something, or nothing, all the same: a comment on its way out, a token that is none of ours.
    /// </summary>
    static bool IsHarmless(Operation operation, string kind) =>
        (operation.Path == "/api/auth/logout" && kind is "refreshToken huge text")
        // an admin takes as well as gives
        || (operation.Path == "/api/users/{id}/adjustments" && kind is "amount -1");

    static int[] Refusals(Operation operation) => operation.Audience == Audience.Anybody ? [400, 401] : [400];

    Task<HttpResponseMessage> SendAsync(Operation operation, string path, PlatformUser user, HttpContent body,
        params (string, string)[] headers) => operation.Audience == Audience.Services
        ? SendAsync(Platform.AddressOf(operation.AppId), operation.Method, path, null, body,
            [(ServiceTokens.Header, Tokens.Service("device-service")), .. headers])
        : SendAsync(Platform.Gateway, operation.Method, path, TokenFor(operation, user.Id), body, headers);

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
