using CloudPhone.Platform.Tests.EndToEnd;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Ids that name nothing, verbs that a path doesn't have, and queries that mean nothing.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class AddressTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    static readonly string[] Verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    [Fact]
    public Task Unknown_and_malformed_ids_get_404_and_change_nothing() => Facts.UnchangedAsync(Platform, async () =>
    {
        var wrong = new List<string?>();
        foreach (var operation in (await Operation.AllAsync(Platform))
            .Where(o => o.HasId && o.Audience != Audience.Services))
        {
            foreach (var id in new[] { Guid.CreateVersion7().ToString(), Guid.Empty.ToString(), "x", "1", "-1", "null",
                "%0a", "%27%20OR%201=1--", "{id}", new string('a', 2000) })
                wrong.Add(await Refusal.WrongAsync($"{operation.Name} with {id[..Math.Min(id.Length, 40)]}",
                    await SendAsync(operation, operation.Method, operation.At(id), RightBody(operation)), 400, 404, 405,
                        414));
            wrong.Add(await Refusal.WrongAsync($"{operation.Name} with an unknown id",
                await SendAsync(operation, operation.Method, operation.At(Guid.CreateVersion7().ToString()),
                    RightBody(operation)), operation.Audience == Audience.Anybody ? [400, 404] : [404]));
        }
        Refusal.AssertNone(wrong);
    });

    [Fact]
    public Task Verbs_that_a_path_does_not_have_get_405_and_change_nothing() =>
        Facts.UnchangedAsync(Platform, async () =>
    {
        var all = await Operation.AllAsync(Platform);
        var wrong = new List<string?>();
        foreach (var path in all.Where(o => o.Audience != Audience.Services).GroupBy(o => o.Path))
            foreach (var verb in Verbs.Except(path.Select(o => o.Method.Method)))
                wrong.Add(await Refusal.WrongAsync($"{verb} {path.Key}",
                    await SendAsync(path.First(), new HttpMethod(verb), path.First()
                        .At(Guid.CreateVersion7().ToString()), null), 404, 405));
        foreach (var verb in new[] { "TRACE", "PROPFIND", "MADEUP" })
            wrong.Add(
                await Refusal.WrongAsync(verb, await SendAsync(
                    all.First(o => o.Path == "/api/devices"), new HttpMethod(verb), "/api/devices", null), 404, 405));
        Refusal.AssertNone(wrong);
    });

    [Fact]
    public async Task Lists_refuse_limits_and_cursors_that_mean_nothing()
    {
        var wrong = new List<string?>();
        var paged = (await Operation.AllAsync(Platform)).Where(o => o.IsPaged).ToList();
        Assert.True(paged.Count >= 14, $"{paged.Count} lists");
        foreach (var operation in paged)
            foreach (var query in new[] { "limit=0", "limit=101", "limit=-1", "limit=x", "limit=1.5",
                "limit=99999999999999999999", "cursor=x", "cursor=%F0%9F%98%80", "cursor=AAAA", "cursor=%00" })
                wrong.Add(await Refusal.WrongAsync($"{operation.Name}?{query}",
                    await SendAsync(operation, operation.Method,
                        $"{operation.At(Guid.CreateVersion7().ToString())}?{query}", null), 400));
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task Filters_of_the_wrong_type_get_400()
    {
        var wrong = new List<string?>();
        foreach (var operation in await Operation.AllAsync(Platform))
            foreach (var (name, _) in operation.Query.Where(q => q.Type is "uuid" or "boolean"))
                foreach (var value in new[] { "x", "1e3", "%00", "null" })
                    wrong.Add(await Refusal.WrongAsync($"{operation.Name}?{name}={value}",
                        await SendAsync(operation, operation.Method,
                            $"{operation.At(Guid.CreateVersion7().ToString())}?{name}={value}", null), 400));
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task Filters_that_are_text_never_end_in_an_error_of_the_platform()
    {
        var wrong = new List<string?>();
        foreach (var operation in await Operation.AllAsync(Platform))
            foreach (var (name, _) in operation.Query.Where(q => q.Type == "string" && q.Name != "cursor"))
                foreach (var value in new[] { "", "%00", "%", "%25", "'%20OR%201=1--", "%F0%9F%98%80", "%FF%FE",
                    new string('x', 3000), "_", "%5C" })
                {
                    using var answer = await SendAsync(operation, operation.Method,
                        $"{operation.At(Guid.CreateVersion7().ToString())}?{name}={value}", null);
                    wrong.Add((int)answer.StatusCode is 200 or 400 || ((int)answer.StatusCode == 404 && operation.HasId)
                        ? null
                        : $"{operation.Name}?{name}={value[..Math.Min(value.Length, 30)]}: {(int)answer.StatusCode}");
                }
        Refusal.AssertNone(wrong);
    }

    Task<HttpResponseMessage> SendAsync(Operation operation, HttpMethod method, string path, HttpContent? body) =>
        SendAsync(Platform.Gateway, method, path, TokenFor(operation, Guid.CreateVersion7()), body);
}
