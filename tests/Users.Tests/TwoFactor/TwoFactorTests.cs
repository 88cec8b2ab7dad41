using System.Net;
using System.Net.Http.Json;
using System.Text;
using CloudPhone.Contracts;
using CloudPhone.Users.Sessions;
using CloudPhone.Users.TwoFactor;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using OtpNet;

namespace CloudPhone.Users.Tests.TwoFactor;

public sealed class TwoFactorTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new();

    public TwoFactorTests() => _service.With(_clock);

    [Fact]
    public async Task From_setup_to_login_and_off_again()
    {
        var phone = new Phone(_service, _clock, await _service.AddUserAsync());
        var setup = await phone.SetUpAsync();
        Assert.Equal(32, setup.Secret.Length);
        Assert.StartsWith("otpauth://totp/CloudPhone:", setup.Uri, StringComparison.Ordinal);
        Assert.Contains($"?secret={setup.Secret}&issuer=CloudPhone", setup.Uri, StringComparison.Ordinal);
        var picture = Convert.FromBase64String(setup.QrCode["data:image/png;base64,".Length..]);
        Assert.Equal("\x89PNG", Encoding.Latin1.GetString(picture, 0, 4));
        // nothing is on before the app has shown a code
        Assert.False((await phone.StatusAsync()).Enabled);
        await _service.LoginAsync(phone.User.Username);
        await UserService.AssertProblemAsync(
            await phone.PostAsync("enable", new TwoFactorCode(phone.WrongCode())), 403, "otp-invalid");
        var on = await phone.PostAsync("enable", new TwoFactorCode(phone.Code()));
        var codes = (await on.Content.ReadFromJsonAsync<RecoveryCodesAnswer>())!.RecoveryCodes;
        Assert.Equal(10, codes.Distinct().Count());
        var status = await phone.StatusAsync();
        Assert.Equal((true, 10), (status.Enabled, status.RecoveryCodesLeft));
        var told = Assert.Single(await _service.PublishedAsync<UserTwoFactorEnabled>());
        Assert.Equal((phone.User.Id, phone.User.Email), (told.UserId, told.Email));

        await UserService.AssertProblemAsync(await phone.LoginAsync(null), 401, "otp-required");
        await UserService.AssertProblemAsync(await phone.LoginAsync(""), 401, "otp-required");
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(phone.Code(1))).StatusCode);

        _clock.Advance(TimeSpan.FromMinutes(2));
        await UserService.AssertProblemAsync(
            await phone.PostAsync("disable", new DisableTwoFactorRequest("wrong password", phone.Code())),
            403, "invalid-credentials");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("disable", new DisableTwoFactorRequest(UserService.Password, phone.WrongCode())),
            403, "otp-invalid");
        Assert.True((await phone.StatusAsync()).Enabled);
        var off = await phone.PostAsync("disable", new DisableTwoFactorRequest(UserService.Password, phone.Code()));
        Assert.Equal(HttpStatusCode.NoContent, off.StatusCode);
        Assert.Equal(new TwoFactorStatus(false, null, 0), await phone.StatusAsync());
        await _service.LoginAsync(phone.User.Username);
        var acts = await phone.ActsAsync();
        Assert.Contains("two-factor-enabled", acts);
        Assert.Contains("two-factor-disabled", acts);
        var toldOff = Assert.Single(await _service.PublishedAsync<UserTwoFactorDisabled>());
        Assert.Equal((phone.User.Id, "user"), (toldOff.UserId, toldOff.By));
    }

    [Fact]
    public async Task An_admin_turns_it_off_for_who_has_lost_everything()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        var login = await (await phone.LoginAsync(phone.Code())).Content.ReadFromJsonAsync<TokenAnswer>();
        var admin = await _service.AddUserAsync();
        var route = $"/api/users/{phone.User.Id}/two-factor";
        Assert.Equal(HttpStatusCode.Forbidden, (await _service.As(admin.Id, "operator").DeleteAsync(route)).StatusCode);
        await UserService.AssertProblemAsync(
            await _service.As(phone.User.Id, "admin").DeleteAsync(route), 409, "own-account");
        Assert.True((await phone.StatusAsync()).Enabled);

        Assert.Equal(HttpStatusCode.NoContent, (await _service.As(admin.Id, "admin").DeleteAsync(route)).StatusCode);
        Assert.Equal(new TwoFactorStatus(false, null, 0), await phone.StatusAsync());
        await UserService.AssertProblemAsync(await _service.Anonymous().PostAsJsonAsync(
            "/api/auth/refresh", new RefreshRequest(login!.RefreshToken)), 401, "invalid-refresh-token");
        await _service.LoginAsync(phone.User.Username);
        Assert.Contains("two-factor-disabled", await phone.ActsAsync());
        Assert.Equal("admin", Assert.Single(await _service.PublishedAsync<UserTwoFactorDisabled>()).By);

        await UserService.AssertProblemAsync(
            await _service.As(admin.Id, "admin").DeleteAsync(route), 409, "two-factor-off");
        await UserService.AssertProblemAsync(await _service.As(admin.Id, "admin").DeleteAsync(
            $"/api/users/{Guid.CreateVersion7()}/two-factor"), 404, "not-found");
    }

    [Fact]
    public async Task Setup_needs_the_password_and_each_act_its_state()
    {
        var phone = new Phone(_service, _clock, await _service.AddUserAsync());
        await UserService.AssertProblemAsync(
            await phone.PostAsync("setup", new TwoFactorSetupRequest("wrong password")), 403, "invalid-credentials");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("enable", new TwoFactorCode("123456")), 409, "two-factor-not-set-up");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("recovery-codes", new TwoFactorCode("123456")), 409, "two-factor-off");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("disable", new DisableTwoFactorRequest(UserService.Password, "123456")),
            409, "two-factor-off");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("setup", new TwoFactorSetupRequest("")), 400, "bad-request");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("enable", new TwoFactorCode(new('1', 65))), 400, "bad-request");
        phone = await Phone.OnAsync(_service, _clock);
        await UserService.AssertProblemAsync(
            await phone.PostAsync("setup", new TwoFactorSetupRequest(UserService.Password)), 409, "two-factor-on");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("enable", new TwoFactorCode(phone.Code())), 409, "two-factor-on");
        using var nobody = _service.Anonymous();
        foreach (var what in new[] { "setup", "enable", "disable", "recovery-codes" })
            Assert.Equal(HttpStatusCode.Unauthorized,
                (await nobody.PostAsJsonAsync($"/api/users/me/two-factor/{what}", new { })).StatusCode);
    }

    [Fact]
    public async Task A_new_setup_replaces_the_one_before_and_an_old_one_is_void()
    {
        var phone = new Phone(_service, _clock, await _service.AddUserAsync());
        await phone.SetUpAsync();
        var old = phone.Code();
        await phone.SetUpAsync();
        await UserService.AssertProblemAsync(
            await phone.PostAsync("enable", new TwoFactorCode(old)), 403, "otp-invalid");
        _clock.Advance(TimeSpan.FromMinutes(61));
        await UserService.AssertProblemAsync(
            await phone.PostAsync("enable", new TwoFactorCode(phone.Code())), 409, "two-factor-not-set-up");
    }

    [Fact]
    public async Task Recovery_codes_work_once_each_in_any_writing_and_new_ones_end_the_old()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        var code = phone.RecoveryCodes[0];
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(code.ToUpperInvariant().Replace('-', ' '))).StatusCode);
        await UserService.AssertProblemAsync(await phone.LoginAsync(code), 401, "otp-invalid");
        Assert.Equal(9, (await phone.StatusAsync()).RecoveryCodesLeft);
        Assert.Contains("recovery-code-used", await phone.ActsAsync());
        var renewed = await phone.PostAsync("recovery-codes", new TwoFactorCode(phone.Code()));
        var codes = (await renewed.Content.ReadFromJsonAsync<RecoveryCodesAnswer>())!.RecoveryCodes;
        Assert.Empty(codes.Intersect(phone.RecoveryCodes));
        Assert.Equal(10, (await phone.StatusAsync()).RecoveryCodesLeft);
        await UserService.AssertProblemAsync(await phone.LoginAsync(phone.RecoveryCodes[1]), 401, "otp-invalid");
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(codes[1])).StatusCode);
        // another's codes are nothing to me
        var other = await Phone.OnAsync(_service, _clock);
        await UserService.AssertProblemAsync(await other.LoginAsync(codes[2]), 401, "otp-invalid");
    }

    [Fact]
    public async Task Secrets_and_codes_are_kept_in_clear_nowhere()
    {
        using var client = _service.As((await _service.AddUserAsync()).Id);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "gateway-1");
        var answer = await client.PostAsJsonAsync(
            "/api/users/me/two-factor/setup", new TwoFactorSetupRequest(UserService.Password));
        var setup = (await answer.Content.ReadFromJsonAsync<TwoFactorSetup>())!;
        var code = new Totp(Base32Encoding.ToBytes(setup.Secret)).ComputeTotp(_clock.GetUtcNow().UtcDateTime);
        var on = await client.PostAsJsonAsync("/api/users/me/two-factor/enable", new TwoFactorCode(code));
        var recovery = (await on.Content.ReadFromJsonAsync<RecoveryCodesAnswer>())!.RecoveryCodes[0];
        foreach (var file in Directory.GetFiles(_service.DataFolder))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var content = await reader.ReadToEndAsync();
            foreach (var secret in new[]
            {
                setup.Secret, Encoding.Latin1.GetString(Base32Encoding.ToBytes(setup.Secret)), recovery,
                recovery.Replace("-", "", StringComparison.Ordinal),
            })
                Assert.DoesNotContain(secret, content, StringComparison.Ordinal);
        }
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
