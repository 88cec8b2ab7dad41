using System.Net.Http.Json;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Sessions;
using CloudPhone.Users.TwoFactor;
using Microsoft.Extensions.Time.Testing;
using OtpNet;

namespace CloudPhone.Users.Tests.TwoFactor;

/// <summary>A user, and the app on its phone that shows codes.</summary>
sealed class Phone(UserService service, FakeTimeProvider clock, User user)
{
    static readonly TimeSpan Step = TimeSpan.FromSeconds(30);
    byte[] _secret = [];

    public User User => user;

    public IReadOnlyList<string> RecoveryCodes { get; private set; } = [];

    /// <summary>A user for whom two-factor is on. The code that turned it on is of the time step before.</summary>
    public static async Task<Phone> OnAsync(UserService service, FakeTimeProvider clock)
    {
        var phone = new Phone(service, clock, await service.AddUserAsync());
        await phone.SetUpAsync();
        var answer = await phone.PostAsync("enable", new TwoFactorCode(phone.Code()));
        answer.EnsureSuccessStatusCode();
        phone.RecoveryCodes = (await answer.Content.ReadFromJsonAsync<RecoveryCodesAnswer>())!.RecoveryCodes;
        clock.Advance(Step);
        return phone;
    }

    public async Task<TwoFactorSetup> SetUpAsync()
    {
        var answer = await PostAsync("setup", new TwoFactorSetupRequest(UserService.Password));
        answer.EnsureSuccessStatusCode();
        var setup = (await answer.Content.ReadFromJsonAsync<TwoFactorSetup>())!;
        _secret = Base32Encoding.ToBytes(setup.Secret);
        return setup;
    }

    /// <param name="steps">Of 30 s, from now.</param>
    public string Code(int steps = 0) => new Totp(_secret).ComputeTotp((clock.GetUtcNow() + steps * Step).UtcDateTime);

    /// <summary>A code that is none of those that are good now.</summary>
    public string WrongCode() =>
        Enumerable.Range(0, 10).Select(i => $"{i}12345").First(c => !Enumerable.Range(-2, 5).Any(s => Code(s) == c));

    public Task<HttpResponseMessage> PostAsync(string what, object body) =>
        service.As(user.Id).PostAsJsonAsync($"/api/users/me/two-factor/{what}", body);

    public Task<HttpResponseMessage> LoginAsync(string? otp, string password = UserService.Password) =>
        service.Anonymous().PostAsJsonAsync("/api/auth/login", new LoginRequest(user.Username, password, Otp: otp));

    public async Task<TwoFactorStatus> StatusAsync() =>
        (await service.As(user.Id).GetFromJsonAsync<TwoFactorStatus>("/api/users/me/two-factor"))!;

    public async Task<IReadOnlyList<string>> ActsAsync() =>
        [.. (await service.As(user.Id).GetFromJsonAsync<Page<AuditItem>>(
            "/api/users/me/audit?limit=100"))!.Items.Select(e => e.Act)];
}
