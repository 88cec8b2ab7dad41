using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.SampleService;
using CloudPhone.Testing;

namespace CloudPhone.Shared.Tests;

/// <summary>What a service says to have: tests of access go by it.</summary>
public sealed class RouteListTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();

    [Fact]
    public async Task Siblings_are_told_of_every_route_with_plain_placeholders()
    {
        using var sibling = _service.AsService(AppIds.Devices);
        var routes = (await sibling.GetFromJsonAsync<JsonElement>("/internal/routes")).EnumerateArray()
            .Select(r => $"{r.GetProperty("method").GetString()} {r.GetProperty("path").GetString()}").ToList();
        string[] known = ["GET /internal/routes", "POST /internal/dead-letters/replay", "POST /events/receipts",
            "GET /openapi/{documentName}.json", "POST /api/notes"];
        Assert.Empty(known.Except(routes));
        Assert.DoesNotContain(routes, r => r.Contains(':', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_else_is_told()
    {
        using var user = _service.As(Guid.CreateVersion7(), "user", "admin");
        Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/internal/routes")).StatusCode);
        using var nobody = _service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("/internal/routes")).StatusCode);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
