using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>
/// What the tests of bad input have in common: tokens of all kinds, and requests that a well-behaved client would not
/// send.
/// </summary>
public abstract class BadInputTest(RunningPlatform platform)
{
    static readonly HttpClient Client =
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };

    private protected RunningPlatform Platform { get; } = platform;

    private protected JsonElement Secrets =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Platform.Data, "secrets.json"))).RootElement;

    private protected TestTokens Tokens => new(Secrets.GetProperty("JWT_SECRET").GetString()!);

    private protected string OperatorToken => Tokens.User(Guid.CreateVersion7(), [Roles.User, Roles.Operator]);

    /// <summary>Of somebody for whom the route is; null where it needs none, or a service's.</summary>
    private protected string? TokenFor(Operation operation, Guid user) => operation.Audience switch
    {
        Audience.Users => Tokens.User(user, [Roles.User]),
        Audience.Operators => OperatorToken,
        Audience.Admins => Tokens.User(user, [Roles.User, Roles.Operator, Roles.Admin]),
        _ => null,
    };

    private protected Task<PlatformUser> AdminAsync() =>
        PlatformUser.LogInAsync(Platform, "admin", Secrets.GetProperty("ADMIN_PASSWORD").GetString()!);

    private protected static async Task<HttpResponseMessage> SendAsync(
        Uri at, HttpMethod method, string path, string? bearer = null, HttpContent? content = null,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(
            method, new Uri($"{at.GetLeftPart(UriPartial.Authority)}{path}", AsItIs))
        { Content = content };
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }

    static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private protected static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>One that the route would take; null where it takes none.</summary>
    private protected static StringContent? RightBody(Operation operation) =>
        operation.Body is { } schema ? Json(Mutations.Right(schema).ToJsonString()) : null;

    /// <summary>Tokens that nobody may come in with, as the bearer of a user of whatever role.</summary>
    private protected IEnumerable<(string Kind, string? Token)> BadTokens()
    {
        var id = Guid.CreateVersion7();
        string[] roles = [Roles.User, Roles.Operator, Roles.Admin];
        yield return ("no token", null);
        yield return ("garbage", "x.y.z");
        yield return ("alg none", WithoutSignature(Tokens.User(id, roles)));
        yield return ("another key", new TestTokens(new string('x', 48)).User(id, roles));
        yield return ("another's signature", Tokens.User(id, roles)[..^8] + "AAAAAAAA");
        yield return ("wrong audience", Tokens.User(id, roles, audience: "somebody-else"));
        yield return ("wrong type", Tokens.User(id, roles, type: "JWT"));
        yield return ("expired", Tokens.User(id, roles, lifetime: TimeSpan.FromMinutes(-5)));
        yield return ("a service's", Tokens.Service("device-service"));
    }

    static string WithoutSignature(string token)
    {
        var header = Convert.ToBase64String("""{"alg":"none","typ":"at+jwt"}"""u8).TrimEnd('=').Replace('+', '-')
            .Replace('/', '_');
        return $"{header}.{token.Split('.')[1]}.";
    }
}
