using System.Net;
using System.Text;
using CloudPhone.Contracts;
using CloudPhone.SampleService;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Shared.Tests;

public sealed class AuthTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    public static TheoryData<string> Forged =>
        ["", "x", "none", "other key", "wrong audience", "wrong type", "expired", "service"];

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task Only_our_own_valid_token_opens(string kind)
    {
        var tokens = _service.Tokens;
        string[] roles = [Roles.Admin];
        var token = kind switch
        {
            "none" => Unsigned(tokens.User(_user, roles)),
            "other key" => new TestTokens(new('z', 48)).User(_user, roles),
            "wrong audience" => tokens.User(_user, roles, audience: "other"),
            "wrong type" => tokens.User(_user, roles, type: "JWT"),
            "expired" => tokens.User(_user, roles, lifetime: TimeSpan.FromMinutes(-5)),
            "service" => tokens.Service(AppIds.Devices),
            _ => kind,
        };
        using var client = _service.Anonymous();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        await PlatformTests.AssertProblemAsync(await client.GetAsync("/api/notes"), 401, "unauthorized");
    }

    [Fact]
    public async Task Routes_for_services_take_no_user()
    {
        using var admin = _service.As(_user, Roles.Admin);
        Assert.Equal(HttpStatusCode.Unauthorized, (await admin.GetAsync("/api/notes/for-services")).StatusCode);
        using var user = _service.Anonymous();
        user.DefaultRequestHeaders.Add(ServiceTokens.Header, _service.Tokens.User(_user, [Roles.Admin]));
        Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/api/notes/for-services")).StatusCode);
        using var service = _service.AsService(AppIds.Devices);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/api/notes/for-services")).StatusCode);
    }

    [Fact]
    public async Task A_token_that_was_found_good_ends_all_the_same()
    {
        var rules = new JwtSettings(new ConfigurationBuilder().AddInMemoryCollection(
            [new("JWT_SECRET", new('k', 48))]).Build()).Validation(JwtSettings.UserAudience, JwtSettings.UserTokenType);
        rules.ClockSkew = TimeSpan.Zero;
        using var handler = new RememberingTokenHandler();
        var token = new TestTokens(new('k', 48)).User(_user, [], lifetime: TimeSpan.FromSeconds(2));

        var first = await handler.ValidateTokenAsync(token, rules);
        Assert.Equal((true, true), (first.IsValid, first == await handler.ValidateTokenAsync(token, rules)));
        Assert.False((await handler.ValidateTokenAsync($"{token}x", rules)).IsValid);
        await Wait.UntilAsync("its end", async () => !(await handler.ValidateTokenAsync(token, rules)).IsValid);
    }

    /// <summary>The same claims under <c>alg: none</c>.</summary>
    static string Unsigned(string token) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"alg":"none","typ":"at+jwt"}""")).TrimEnd('=') + "."
            + token.Split('.')[1] + ".";

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
