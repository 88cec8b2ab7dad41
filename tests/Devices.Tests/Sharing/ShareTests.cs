using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Sharing;
using CloudPhone.Devices.Tests.Phones;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Sharing;

/// <summary>Who may see or use a phone, as the media service is told.</summary>
public sealed class ShareTests(PhoneFixture phone) : IClassFixture<PhoneFixture>
{
    DevicePlatform Platform => phone.Platform;

    async Task<JsonElement> ShareAsync(string access = "view", int minutes = 5, Guid? deviceId = null)
    {
        using var answer = await phone.Client.PostAsJsonAsync(
            $"/api/devices/{deviceId ?? phone.Id}/shares", new { access, minutes });
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    static string TokenOf(JsonElement share) => share.GetProperty("token").GetString()!;

    async Task<JsonElement> AskAsync(object question)
    {
        using var media = Platform.Service.AsService(AppIds.Media);
        using var answer = await media.PostAsJsonAsync("/internal/phones/access", question);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    async Task<string> OutcomeAsync(object question) => (await AskAsync(question)).GetProperty("outcome").GetString()!;

    [Fact]
    public async Task Its_owner_and_operators_control_it_and_nobody_else_does()
    {
        var own = await AskAsync(new { deviceId = phone.Id, userId = Platform.User });
        Assert.Equal("granted", own.GetProperty("outcome").GetString());
        Assert.Equal("control", own.GetProperty("access").GetString());
        var adb = (await Platform.Provider.GetStateAsync(phone.Id, default)).Adb!;
        Assert.Equal((adb.Host, adb.Port, adb.Serial), (own.GetProperty("host").GetString()!,
            own.GetProperty("port").GetInt32(), own.GetProperty("serial").GetString()));
        Assert.False(own.TryGetProperty("until", out var until) && until.ValueKind != JsonValueKind.Null);

        var stranger = Guid.CreateVersion7();
        Assert.Equal("refused", await OutcomeAsync(new { deviceId = phone.Id, userId = stranger }));
        Assert.Equal("granted", await OutcomeAsync(new { deviceId = phone.Id, userId = stranger, isOperator = true }));
        Assert.Equal("refused", await OutcomeAsync(new { deviceId = stranger, userId = Platform.User }));
    }

    [Theory]
    [InlineData(1, "View, 1 minute")]
    [InlineData(2, "View, 2 minutes")]
    public async Task For_how_long_is_in_the_history(int minutes, string told)
    {
        await ShareAsync(minutes: minutes);
        Assert.Equal(told, (await phone.ActsAsync())[0].Reason);
    }

    [Fact]
    public async Task A_share_lets_in_whoever_has_its_token_until_it_is_revoked()
    {
        var share = await ShareAsync();
        var token = TokenOf(share);
        var seen = await AskAsync(new { deviceId = phone.Id, shareToken = token });
        Assert.Equal("granted", seen.GetProperty("outcome").GetString());
        Assert.Equal("view", seen.GetProperty("access").GetString());
        Assert.Equal(share.GetProperty("id").GetGuid(), seen.GetProperty("shareId").GetGuid());
        Assert.Equal(share.GetProperty("expiresAt").GetDateTimeOffset(), seen.GetProperty("until").GetDateTimeOffset());
        Assert.Equal(phone.Id, (await AskAsync(new { shareToken = token })).GetProperty("deviceId").GetGuid());
        Assert.Equal("control",
            (await AskAsync(new { shareToken = TokenOf(await ShareAsync("control")) })).GetProperty("access").GetString());
        // the own right is not made smaller by a share
        Assert.Equal("control", (await AskAsync(
            new { deviceId = phone.Id, userId = Platform.User, shareToken = token })).GetProperty("access").GetString());
        Assert.Equal("granted", await OutcomeAsync(
            new { deviceId = phone.Id, userId = Guid.CreateVersion7(), shareToken = token }));

        var path = phone.At($"shares/{share.GetProperty("id").GetGuid()}");
        var revoked = (await phone.ActsAsync()).Count(a => a.Act == Acts.ShareRevoked); // other tests', of this phone
        await PhoneFixture.DoneAsync(await phone.Client.DeleteAsync(path));
        await PhoneFixture.DoneAsync(await phone.Client.DeleteAsync(path));
        Assert.Equal("refused", await OutcomeAsync(new { deviceId = phone.Id, shareToken = token }));
        var acts = (await phone.ActsAsync()).Where(a => a.Act is Acts.Shared or Acts.ShareRevoked).ToList();
        Assert.Equal(revoked + 1, acts.Count(a => a.Act == Acts.ShareRevoked));
        Assert.All(acts, a => Assert.DoesNotContain(token, a.Reason!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_is_over_lets_nobody_in()
    {
        var share = await ShareAsync();
        var id = share.GetProperty("id").GetGuid();
        await Platform.Service.InDatabaseAsync(db => db.Set<Share>().Where(s => s.Id == id).ExecuteUpdateAsync(s =>
            s.SetProperty(x => x.ExpiresAt, DateTimeOffset.UtcNow.AddSeconds(-1))));
        Assert.Equal("refused", await OutcomeAsync(new { deviceId = phone.Id, shareToken = TokenOf(share) }));
    }

    [Fact]
    public async Task A_token_is_of_one_phone_and_is_nowhere_to_be_read()
    {
        var share = await ShareAsync();
        var token = TokenOf(share);
        var other = await Platform.CreateRunningAsync("other");
        Assert.Equal("refused", await OutcomeAsync(new { deviceId = other.Id, shareToken = token }));
        foreach (var wrong in new[] { "", "cps_", token[..^1], token + "A", token.ToUpperInvariant() })
            Assert.Equal("refused", await OutcomeAsync(new { deviceId = phone.Id, shareToken = wrong }));
        var id = share.GetProperty("id").GetGuid();
        var row = await Platform.Service.InDatabaseAsync(db => db.Set<Share>().SingleAsync(s => s.Id == id));
        Assert.DoesNotContain(token, JsonSerializer.Serialize(row), StringComparison.Ordinal);
        Assert.DoesNotContain("cps_", await phone.Client.GetStringAsync(phone.At("shares")), StringComparison.Ordinal);

        // a share of a phone that does not run says so, and one of a phone that is gone is over
        var late = TokenOf(await ShareAsync(deviceId: other.Id));
        await Platform.Client.PostAsync($"/api/devices/{other.Id}/stop", null);
        await Platform.WaitAsync(other.Id, DeviceStatus.Stopped);
        var stopped = await AskAsync(new { deviceId = other.Id, shareToken = late });
        Assert.Equal("not-running", stopped.GetProperty("outcome").GetString());
        Assert.True(!stopped.TryGetProperty("port", out var port) || port.ValueKind == JsonValueKind.Null);
        (await Platform.Client.DeleteAsync($"/api/devices/{other.Id}")).EnsureSuccessStatusCode();
        Assert.Equal("refused", await OutcomeAsync(new { deviceId = other.Id, shareToken = late }));
    }

    [Fact]
    public async Task A_repeated_request_makes_one_share_and_answers_the_same_token()
    {
        async Task<string> PostAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, phone.At("shares"))
            {
                Content = JsonContent.Create(new { access = "view", minutes = 3 }),
            };
            request.Headers.Add("Idempotency-Key", "share-once");
            using var answer = await phone.Client.SendAsync(request);
            return TokenOf(await answer.Content.ReadFromJsonAsync<JsonElement>());
        }
        var before = (await Platform.GetAsync<Page<ShareView>>(phone.At("shares?limit=100")))!.Items.Count;
        Assert.Equal(await PostAsync(), await PostAsync());
        Assert.Equal(before + 1, (await Platform.GetAsync<Page<ShareView>>(phone.At("shares?limit=100")))!.Items.Count);
    }

    [Theory]
    [InlineData("""{"access":"view","minutes":0}""")]
    [InlineData("""{"access":"view","minutes":10081}""")]
    [InlineData("""{"access":"all","minutes":5}""")]
    [InlineData("""{"access":"View","minutes":5}""")]
    [InlineData("""{"access":null,"minutes":5}""")]
    [InlineData("""{"minutes":5}""")]
    public async Task A_wrong_request_is_refused(string body)
    {
        using var answer = await phone.Client.PostAsync(
            phone.At("shares"), new StringContent(body, null, "application/json"));
        await Expect.ProblemAsync(answer, 400, "bad-request");
    }

    [Fact]
    public async Task Others_may_neither_share_nor_see_nor_ask()
    {
        var share = await ShareAsync();
        using var other = Platform.Service.As(Guid.CreateVersion7());
        using var anonymous = Platform.Service.Anonymous();
        using var op = Platform.Service.As(Guid.CreateVersion7(), Roles.Operator);
        var one = phone.At($"shares/{share.GetProperty("id").GetGuid()}");
        var body = new { access = "control", minutes = 5 };
        await Expect.ProblemAsync(await other.PostAsJsonAsync(phone.At("shares"), body), 404, "not-found");
        await Expect.ProblemAsync(await other.GetAsync(phone.At("shares")), 404, "not-found");
        await Expect.ProblemAsync(await other.DeleteAsync(one), 404, "not-found");
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.DeleteAsync(one)).StatusCode);
        foreach (var client in new[] { phone.Client, op, anonymous })
        {
            using var answer = await client.PostAsJsonAsync(
                "/internal/phones/access", new { deviceId = phone.Id, userId = Platform.User });
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
        }
        Assert.Equal("granted", await OutcomeAsync(new { deviceId = phone.Id, shareToken = TokenOf(share) }));
        await PhoneFixture.DoneAsync(await op.DeleteAsync(one));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"userId":"01a22469-7a96-7075-a84b-88e004b62e01"}""")]
    [InlineData("""{"deviceId":"01a22469-7a96-7075-a84b-88e004b62e01"}""")]
    public async Task A_question_says_who_asks_and_for_which_phone(string body)
    {
        using var media = Platform.Service.AsService(AppIds.Media);
        using var answer = await media.PostAsync(
            "/internal/phones/access", new StringContent(body, null, "application/json"));
        await Expect.ProblemAsync(answer, 400, "bad-request");
    }

    [Fact]
    public async Task There_are_only_so_many_at_once()
    {
        var id = (await Platform.CreateRunningAsync("shared")).Id;
        for (var i = 0; i < 20; i++)
            await ShareAsync(deviceId: id);
        using var answer = await phone.Client.PostAsJsonAsync(
            $"/api/devices/{id}/shares", new { access = "view", minutes = 5 });
        await Expect.ProblemAsync(answer, 409, "too-many-shares");
        var first = (await Platform.GetAsync<Page<ShareView>>($"/api/devices/{id}/shares"))!.Items[0].Id;
        await PhoneFixture.DoneAsync(await phone.Client.DeleteAsync($"/api/devices/{id}/shares/{first}"));
        await ShareAsync(deviceId: id);
        (await Platform.Client.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
    }
}
