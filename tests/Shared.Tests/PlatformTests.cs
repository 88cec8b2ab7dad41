using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.SampleService;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Shared.Tests;

public sealed class PlatformTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task Health_metrics_and_OpenAPI_need_no_token()
    {
        using var client = _service.Anonymous();
        foreach (var path in new[] { "/health", "/health/live", "/health/ready", "/metrics", "/openapi/v1.json" })
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_token_that_names_no_user_is_none()
    {
        using var client = _service.WithBearer(_service.Tokens.Nobody());
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/notes")).StatusCode);
    }

    [Theory]
    [InlineData("{}", "text is missing. size is missing.", "text size")]
    [InlineData("""{"text":"a"}""", "size is missing.", "size")]
    public async Task Fields_that_are_missing_are_named_and_no_type_of_ours_is(
        string body, string detail, string fields)
    {
        using var client = _service.As(_user);
        var answer = await client.PostAsync("/api/notes", new StringContent(body, null, "application/json"));
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.BadRequest, detail),
            (answer.StatusCode, problem.GetProperty("detail").GetString()));
        Assert.Equal(fields.Split(' '), problem.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task A_list_pages_newest_first()
    {
        using var client = _service.As(_user);
        var made = new List<Guid>(); // two of one millisecond are in any order
        for (var i = 0; i < 5; i++)
            made.Add((await (await client.PostAsJsonAsync("/api/notes", new NewNote($"n{i}", i)))
                .Content.ReadFromJsonAsync<Note>())!.Id);
        made = [.. made.OrderDescending()];
        var first = await client.GetFromJsonAsync<Page<Note>>("/api/notes?limit=3");
        Assert.Equal(made[..3], first!.Items.Select(n => n.Id));
        var second = await client.GetFromJsonAsync<Page<Note>>($"/api/notes?limit=3&cursor={first.NextCursor}");
        Assert.Equal(made[3..], second!.Items.Select(n => n.Id));
        Assert.Null(second.NextCursor);
    }

    [Theory]
    [InlineData("/api/notes?limit=0")]
    [InlineData("/api/notes?limit=101")]
    [InlineData("/api/notes?limit=x")]
    [InlineData("/api/notes?cursor=nonsense")]
    public async Task A_wrong_page_is_refused(string path)
    {
        using var client = _service.As(_user);
        await AssertProblemAsync(await client.GetAsync(path), 400, "bad-request");
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("""{"text":5,"size":1}""", 400)]
    [InlineData("""{"text":"a"}""", 400)]
    [InlineData("""{"text":null,"size":1}""", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    public async Task A_body_of_the_wrong_shape_is_refused_and_changes_nothing(string body, int status)
    {
        using var client = _service.As(_user);
        var answer = await client.PostAsync("/api/notes", new StringContent(body, null, "application/json"));
        await AssertProblemAsync(answer, status, "bad-request");
        Assert.Empty((await client.GetFromJsonAsync<Page<Note>>("/api/notes"))!.Items);
    }

    [Fact]
    public async Task An_oversized_body_is_refused()
    {
        using var client = _service.As(_user);
        var answer = await client.PostAsJsonAsync("/api/notes", new NewNote(new string('x', 16 << 20), 1));
        await AssertProblemAsync(answer, 413, "body-too-large");
    }

    [Fact]
    public async Task A_defect_shows_nothing_of_itself()
    {
        using var client = _service.As(_user);
        var answer = await client.GetAsync("/api/notes/fail");
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await AssertProblemAsync(answer, 500, "internal-error");
    }

    [Fact]
    public async Task Unknown_paths_and_verbs_are_problems()
    {
        using var client = _service.As(_user);
        await AssertProblemAsync(await client.GetAsync("/api/nothing"), 404, "not-found");
        await AssertProblemAsync(await client.DeleteAsync("/api/notes"), 405, "method-not-allowed");
    }

    [Fact]
    public async Task A_valid_request_id_is_kept_and_a_forged_one_replaced()
    {
        using var client = _service.Anonymous();
        client.DefaultRequestHeaders.Add("X-Request-ID", "my.request-1");
        Assert.Equal("my.request-1", (await client.GetAsync("/health")).Headers.GetValues("X-Request-ID").Single());
        using var other = _service.Anonymous();
        other.DefaultRequestHeaders.TryAddWithoutValidation("X-Request-ID", "a b;c");
        Assert.NotEqual("a b;c", (await other.GetAsync("/health")).Headers.GetValues("X-Request-ID").Single());
    }

    internal static async Task AssertProblemAsync(HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(type, problem.GetProperty("type").GetString());
        Assert.True(problem.GetProperty("requestId").GetString()!.Length > 0);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
