using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using Microsoft.AspNetCore.Builder;

namespace CloudPhone.Shared.Tests;

/// <summary>A service that would show its siblings' routes to users does not start.</summary>
public sealed class RouteCheckTests
{
    static readonly string[] Settings =
        ["--JWT_SECRET=0123456789abcdef0123456789abcdef", "--APP_API_TOKEN=t", "--urls=http://127.0.0.1:0"];

    public static IEnumerable<TheoryDataRow<Action<WebApplication>>> Wrong =>
    [
        new(app => app.MapGet("/internal/notes", () => "open to users")),
        new(app => app.MapGet("/internal/notes", () => "open to all").AllowAnonymous()),
        new(app => app.MapGroup("/internal").MapGroup("/notes").RequireAuthorization(Policies.UserOrService)
            .MapPost("/", () => "open to users")),
        new(app => app.MapGet("/internal/notes", () => "open all the same").RequireAuthorization(Policies.Service)
            .AllowAnonymous()),
    ];

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Routes_of_siblings_need_their_policy(Action<WebApplication> map)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CloudPhoneHost.RunAsync(Settings, "sample-service", _ => { }, map));
        Assert.StartsWith("/internal/notes", refusal.Message, StringComparison.Ordinal);
    }
}
