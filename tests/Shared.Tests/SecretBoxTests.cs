using System.Net;
using System.Net.Http.Json;
using CloudPhone.SampleService;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Shared.Tests;

public sealed class SecretBoxTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    static SecretBox Box(string purpose, char secret = 'k') => new(new(new ConfigurationBuilder()
        .AddInMemoryCollection([new("JWT_SECRET", new string(secret, 48))]).Build()), purpose);

    [Fact]
    public void Only_the_same_key_purpose_and_owner_open_what_was_sealed()
    {
        var box = Box("a").Seal("clear"u8, "row 1");
        Assert.Equal("clear"u8.ToArray(), Box("a").Open(box, "row 1"));
        Assert.NotEqual(box, Box("a").Seal("clear"u8, "row 1"));
        Assert.Null(Box("a").Open(box, "row 2"));
        Assert.Null(Box("b").Open(box, "row 1"));
        Assert.Null(Box("a", 'x').Open(box, "row 1"));
        Assert.Null(Box("a").Open(box.AsSpan(1), "row 1"));
        Assert.Null(Box("a").Open([1, 2, 3], "row 1"));
        box[^1] ^= 1;
        Assert.Null(Box("a").Open(box, "row 1"));
    }

    [Fact]
    public async Task A_confidential_answer_is_repeated_but_not_kept_in_clear()
    {
        using var client = _service.As(_user);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        var request = new NewNote("the question", 1);
        var first = await client.PostAsJsonAsync("/api/notes/secret", request);
        var second = await client.PostAsJsonAsync("/api/notes/secret", request);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        var other = await client.PostAsJsonAsync("/api/notes/secret", new NewNote("another question", 1));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        var row = await _service.InDatabaseAsync(db => db.IdempotencyKeys.SingleAsync());
        Assert.DoesNotContain("answer", row.Body, StringComparison.Ordinal);
        await _service.InDatabaseAsync(
            db => db.IdempotencyKeys.ExecuteUpdateAsync(s => s.SetProperty(k => k.Body, "AAAA")));
        await PlatformTests.AssertProblemAsync(
            await client.PostAsJsonAsync("/api/notes/secret", request), 409, "answer-not-kept");
    }

    [Fact]
    public async Task Of_a_repeatable_request_nothing_is_kept()
    {
        using var client = _service.As(_user);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        (await client.PostAsync("/api/notes/repeatable", null)).EnsureSuccessStatusCode();
        Assert.Equal(0, await _service.InDatabaseAsync(db => db.IdempotencyKeys.CountAsync()));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
