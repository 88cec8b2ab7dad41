using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.ApiKeys;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Sessions;
using CloudPhone.Users.Tests.TwoFactor;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace CloudPhone.Users.Tests.ApiKeys;

public sealed class ApiKeyTests(UserService service) : IClassFixture<UserService>
{
    const string Route = "/api/users/me/api-keys";

    async Task<CreatedApiKey> CreateAsync(Guid userId, params string[] scopes)
    {
        using var client = service.As(userId);
        var answer = await client.PostAsJsonAsync(
            Route, new CreateApiKeyRequest("build server", scopes, UserService.Password));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<CreatedApiKey>())!;
    }

    async Task<ExchangeAnswer> ExchangeAsync(string key)
    {
        using var gateway = service.AsService(AppIds.Gateway);
        var answer = await gateway.PostAsJsonAsync(
            "/internal/api-keys/exchange", new ExchangeRequest(ApiKeyFormat.HashOf(key)));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<ExchangeAnswer>())!;
    }

    async Task<IReadOnlyList<ApiKeyView>> ListAsync(Guid userId, UserService? at = null)
    {
        using var client = (at ?? service).As(userId);
        return (await client.GetFromJsonAsync<Page<ApiKeyView>>(Route))!.Items;
    }

    [Fact]
    public async Task A_key_is_shown_once_and_gives_a_token_with_its_scopes_and_no_power()
    {
        var user = await service.AddUserAsync();
        await service.InDatabaseAsync(db => ((UsersDb)db).Users.Where(u => u.Id == user.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.Roles, new List<string> { "user", "admin" })));
        var key = await CreateAsync(user.Id, "users:read", "devices:read");
        Assert.True(ApiKeyFormat.IsKey(key.Key));
        Assert.StartsWith(key.Prefix, key.Key, StringComparison.Ordinal);
        Assert.Null(Assert.Single(await ListAsync(user.Id)).LastUsedAt);
        var exchanged = await ExchangeAsync(key.Key);
        Assert.Equal(("exchanged", (Guid?)key.Id), (exchanged.Outcome, exchanged.KeyId));
        var token = new JsonWebTokenHandler().ReadJsonWebToken(exchanged.Token);
        Assert.Equal((user.Id.ToString(), key.Id.ToString(), "users:read devices:read"),
            (token.Subject, token.GetClaim("sid").Value, token.GetClaim("scope").Value));
        Assert.Equal(["user"], token.GetPayloadValue<string[]>("roles"));
        Assert.Equal(token.ValidTo, exchanged.ExpiresAt!.Value.UtcDateTime, TimeSpan.FromSeconds(1));
        using var client = service.WithBearer(exchanged.Token!);
        Assert.Equal(user.Id, (await client.GetFromJsonAsync<Me>("/api/users/me"))!.Id);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/users")).StatusCode);
        var listed = Assert.Single(await ListAsync(user.Id));
        Assert.Equal((key.Prefix, "build server"), (listed.Prefix, listed.Name));
        Assert.NotNull(listed.LastUsedAt);
    }

    [Fact]
    public async Task A_revoked_expired_or_unknown_key_gives_nothing()
    {
        var user = await service.AddUserAsync();
        using var client = service.As(user.Id);
        var key = await CreateAsync(user.Id, "*");
        var token = (await ExchangeAsync(key.Key)).Token!;
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{Route}/{key.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"{Route}/{key.Id}")).StatusCode);
        Assert.Equal("refused", (await ExchangeAsync(key.Key)).Outcome);
        // tokens that it gave are worth nothing any more, here at once and elsewhere by the feed
        using var holder = service.WithBearer(token);
        Assert.Equal(HttpStatusCode.Unauthorized, (await holder.GetAsync("/api/users/me")).StatusCode);
        using var devices = service.AsService(AppIds.Devices);
        Assert.Contains(key.Id, (await devices.GetFromJsonAsync<RevocationFeed>("/internal/revocations"))!.Sids);
        Assert.Empty(await ListAsync(user.Id));
        var other = await CreateAsync(user.Id, "*");
        await service.InDatabaseAsync(db => ((UsersDb)db).ApiKeys.Where(k => k.Id == other.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(k => k.ExpiresAt, DateTimeOffset.UnixEpoch)));
        Assert.Equal("refused", (await ExchangeAsync(other.Key)).Outcome);
        Assert.Equal("refused", (await ExchangeAsync(ApiKeyFormat.New())).Outcome);
        Assert.Equal("refused", (await ExchangeAsync("' OR 1=1 --")).Outcome);
        var acts = await client.GetFromJsonAsync<Page<AuditItem>>("/api/users/me/audit");
        Assert.Equal(["api-key-created", "api-key-revoked", "api-key-created", "registered"],
            acts!.Items.Select(e => e.Act));
        Assert.DoesNotContain(acts.Items, e => e.Detail?.Contains(key.Key, StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_suspended_owners_keys_rest_until_the_owner_is_back()
    {
        var user = await service.AddUserAsync();
        var key = await CreateAsync(user.Id, "*");
        var token = (await ExchangeAsync(key.Key)).Token!;
        using var admin = service.As(Guid.CreateVersion7(), Roles.User, Roles.Admin);
        (await admin.PostAsJsonAsync($"/api/users/{user.Id}/suspend", new SuspendRequest("unpaid")))
            .EnsureSuccessStatusCode();
        Assert.Equal("refused", (await ExchangeAsync(key.Key)).Outcome);
        using var holder = service.WithBearer(token);
        Assert.Equal(HttpStatusCode.Unauthorized, (await holder.GetAsync("/api/users/me")).StatusCode);
        using var devices = service.AsService(AppIds.Devices);
        Assert.Contains(key.Id, (await devices.GetFromJsonAsync<RevocationFeed>("/internal/revocations"))!.Sids);
        var before = DateTimeOffset.UtcNow;
        (await admin.PostAsync($"/api/users/{user.Id}/reinstate", null)).EnsureSuccessStatusCode();
        // at once, within the very second: what comes now is good, what was made before stays refused
        var again = await ExchangeAsync(key.Key);
        Assert.Equal("exchanged", again.Outcome);
        Assert.Equal(HttpStatusCode.Unauthorized, (await holder.GetAsync("/api/users/me")).StatusCode);
        using var renewed = service.WithBearer(again.Token!);
        Assert.Equal(HttpStatusCode.OK, (await renewed.GetAsync("/api/users/me")).StatusCode);
        var feed = (await devices.GetFromJsonAsync<RevocationFeed>("/internal/revocations"))!;
        Assert.DoesNotContain(key.Id, feed.Sids);
        var since = Assert.Single(feed.Renewed!, r => r.Sid == key.Id).Since;
        Assert.InRange(since, before, before.AddSeconds(3));
        Assert.Equal(since, new(new JsonWebToken(again.Token).IssuedAt, TimeSpan.Zero));
        (await admin.PostAsJsonAsync($"/api/users/{user.Id}/suspend", new SuspendRequest("again")))
            .EnsureSuccessStatusCode();
        feed = (await devices.GetFromJsonAsync<RevocationFeed>("/internal/revocations"))!;
        Assert.Contains(key.Id, feed.Sids);
        Assert.DoesNotContain(feed.Renewed!, r => r.Sid == key.Id);
        Assert.Equal(HttpStatusCode.Unauthorized, (await renewed.GetAsync("/api/users/me")).StatusCode);
    }

    [Fact]
    public async Task A_token_ends_with_its_key()
    {
        using var client = service.As((await service.AddUserAsync()).Id);
        var answer = await client.PostAsJsonAsync(
            Route, new CreateApiKeyRequest(
                "short", ["*"], UserService.Password, ExpiresAt: DateTimeOffset.UtcNow.AddMinutes(3)));
        var key = (await answer.Content.ReadFromJsonAsync<CreatedApiKey>())!;
        Assert.Equal(key.ExpiresAt!.Value, (await ExchangeAsync(key.Key)).ExpiresAt!.Value, TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("GET", "/api/quotas/user/{id}")]
    [InlineData("POST", "/api/auth/login")]
    [InlineData("POST", "/api/auth/logout")]
    [InlineData("POST", "/api/auth/refresh")]
    [InlineData("POST", "/api/users/me/password")]
    [InlineData("POST", "/api/users/me/api-keys")]
    [InlineData("DELETE", "/api/users/me/api-keys/{id}")]
    [InlineData("POST", "/API/Users/me/two-factor/setup")]
    public async Task A_key_does_not_become_its_owner(string method, string path)
    {
        var user = await service.AddUserAsync();
        var key = await CreateAsync(user.Id, "users:read", "quotas:write");
        using var client = service.WithBearer((await ExchangeAsync(key.Key)).Token!);
        using var request = new HttpRequestMessage(
            new(method), path.Replace("{id}", $"{key.Id}", StringComparison.Ordinal))
        { Content = JsonContent.Create(new LoginRequest(user.Username, UserService.Password)) };
        await UserService.AssertProblemAsync(await client.SendAsync(request), 403, "scope-missing");
        Assert.Equal("exchanged", (await ExchangeAsync(key.Key)).Outcome);
    }

    [Fact]
    public async Task A_stolen_token_gets_no_key()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = new UserService();
        service.With(clock);
        var user = await service.AddUserAsync();
        using var thief = service.As(user.Id);
        await UserService.AssertProblemAsync(
            await thief.PostAsJsonAsync(Route, new { name = "n", scopes = new[] { "*" } }), 400, "bad-request");
        var request = new CreateApiKeyRequest("n", ["*"], "wrong password");
        for (var i = 0; i < 5; i++)
            await UserService.AssertProblemAsync(
                await thief.PostAsJsonAsync(Route, request), 403, "invalid-credentials");
        await UserService.AssertProblemAsync(await thief.PostAsJsonAsync(Route, request), 429, "too-many-attempts");
        // where two-factor is on the password is not enough either
        var phone = await Phone.OnAsync(service, clock);
        using var owner = service.As(phone.User.Id);
        request = request with { CurrentPassword = UserService.Password };
        await UserService.AssertProblemAsync(await owner.PostAsJsonAsync(Route, request), 403, "otp-required");
        await UserService.AssertProblemAsync(
            await owner.PostAsJsonAsync(Route, request with { Otp = phone.WrongCode() }), 403, "otp-invalid");
        Assert.Empty(await ListAsync(user.Id, service));
        Assert.Empty(await ListAsync(phone.User.Id, service));
        var made = await owner.PostAsJsonAsync(Route, request with { Otp = phone.Code() });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Single(await ListAsync(phone.User.Id, service));
        var key = (await made.Content.ReadFromJsonAsync<CreatedApiKey>())!;
        var told = Assert.Single(await service.PublishedAsync<UserApiKeyCreated>());
        Assert.Equal((phone.User.Id, key.Id, key.Prefix, "*"), (told.UserId, told.KeyId, told.Prefix, told.Scopes));
    }

    [Theory]
    [InlineData("name", "", "*")]
    [InlineData("name", "  ", "*")]
    [InlineData("name", "x\r\nX-Evil: 1", "*")]
    [InlineData("name", "x\u0000", "*")]
    [InlineData("name", "01234567890123456789012345678901234567890123456789012345678901234", "*")]
    [InlineData("scopes", "n")]
    [InlineData("scopes", "n", "devices")]
    [InlineData("scopes", "n", "users:write")]
    [InlineData("scopes", "n", "auth:write")]
    [InlineData("scopes", "n", "devices:read devices:write")]
    [InlineData("scopes", "n", "Devices:read")]
    [InlineData("scopes", "n", "*", "*")]
    [InlineData("expiresAt", "n", "*")]
    public async Task Bad_fields_are_refused(string field, string name, params string[] scopes)
    {
        var user = await service.AddUserAsync();
        using var client = service.As(user.Id);
        var answer = await client.PostAsJsonAsync(Route, new CreateApiKeyRequest(
            name, scopes, UserService.Password,
            ExpiresAt: field == "expiresAt" ? DateTimeOffset.UtcNow.AddSeconds(-1) : null));
        var problem = await UserService.AssertProblemAsync(answer, 400, "bad-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
        Assert.Empty(await ListAsync(user.Id));
    }

    [Fact]
    public async Task Others_keys_are_not_there_and_operators_see_and_end_them()
    {
        var (owner, other) = (await service.AddUserAsync(), await service.AddUserAsync());
        var key = await CreateAsync(owner.Id, "*");
        using var stranger = service.As(other.Id);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync($"{Route}/{key.Id}")).StatusCode);
        Assert.Empty(await ListAsync(other.Id));
        var path = $"/api/users/{owner.Id}/api-keys";
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.DeleteAsync($"{path}/{key.Id}")).StatusCode);
        using var nobody = service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(Route)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsJsonAsync(
            "/internal/api-keys/exchange", new ExchangeRequest(ApiKeyFormat.HashOf(key.Key)))).StatusCode);
        var operatorId = (await service.AddUserAsync()).Id;
        using var staff = service.As(operatorId, "user", "operator");
        var text = await staff.GetStringAsync(path);
        Assert.Contains(key.Prefix, text, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiKeyFormat.HashOf(key.Key), text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.NotFound,
            (await staff.DeleteAsync($"/api/users/{other.Id}/api-keys/{key.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound,
            (await staff.GetAsync($"/api/users/{Guid.NewGuid()}/api-keys")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await staff.DeleteAsync($"{path}/{key.Id}")).StatusCode);
        Assert.Equal("refused", (await ExchangeAsync(key.Key)).Outcome);
        var trail = (await staff.GetFromJsonAsync<Page<AuditItem>>($"/api/users/{owner.Id}/audit"))!.Items;
        Assert.Equal(("api-key-revoked", operatorId), (trail[0].Act, trail[0].ActorId!.Value));
    }

    [Fact]
    public async Task Many_at_once_make_no_more_than_twenty_and_fifty_under_one_key_one()
    {
        await using var service = new UserService(("PASSWORD_HASH_QUEUE", "100"));
        var user = await service.AddUserAsync();
        using var once = service.As(user.Id);
        once.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        once.DefaultRequestHeaders.Add("Prefer", "wait=20");
        var same = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            once.PostAsJsonAsync(Route, new CreateApiKeyRequest("once", ["*"], UserService.Password))));
        var keys = await Task.WhenAll(
            same.Select(async a => (await a.Content.ReadFromJsonAsync<CreatedApiKey>())!.Key));
        Assert.Single(keys.Distinct());
        Assert.Single(await ListAsync(user.Id, service));
        var kept = await service.InDatabaseAsync(db => db.IdempotencyKeys.Select(k => k.Body).ToListAsync());
        Assert.DoesNotContain(kept, b => b?.Contains(keys[0], StringComparison.Ordinal) == true);
        await service.InDatabaseAsync(async db =>
        {
            db.AddRange(Enumerable.Range(0, 16).Select(i => new ApiKey
            {
                Id = Guid.CreateVersion7(), UserId = user.Id, Name = "n", Prefix = "cpk_x", Hash = $"{i}",
                Scopes = "*", CreatedAt = DateTimeOffset.UtcNow,
            }));
            return await db.SaveChangesAsync();
        });
        using var client = service.As(user.Id);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            client.PostAsJsonAsync(Route, new CreateApiKeyRequest("n", ["*"], UserService.Password))));
        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        await UserService.AssertProblemAsync(
            answers.First(a => a.StatusCode != HttpStatusCode.Created), 409, "too-many-api-keys");
        Assert.Equal(20, (await ListAsync(user.Id, service)).Count);
    }
}
