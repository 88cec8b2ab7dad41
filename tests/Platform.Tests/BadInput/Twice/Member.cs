using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using OtpNet;

namespace CloudPhone.Platform.Tests.BadInput.Twice;

/// <summary>A user whose password, sessions and second factor come and go.</summary>
sealed class Member(PlatformUser user) : IAsyncDisposable
{
    const int StepSeconds = 30;
    byte[] _secret = [];
    long _lastStep;

    public string Password { get; set; } = "seven green lanterns";
    public PlatformUser Now { get; private set; } = user;

    /// <summary>After its sessions were ended.</summary>
    public async Task<PlatformUser> LogInAsync()
    {
        await Now.DisposeAsync();
        return Now = await PlatformUser.LogInAsync(Now.Platform, Now.Name, Password);
    }

    /// <summary>A session somewhere else.</summary>
    /// <returns>Its refresh token.</returns>
    public async Task<string> ElsewhereAsync()
    {
        using var answer = await Now.Http.PostAsJsonAsync("/api/auth/login", new { username = Now.Name, Password });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("refreshToken").GetString()!;
    }

    public async Task SetUpAsync()
    {
        using var answer = await Now.Http.PostAsJsonAsync(
            "/api/users/me/two-factor/setup", new { currentPassword = Password });
        answer.EnsureSuccessStatusCode();
        var secret = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        (_secret, _lastStep) = (Base32Encoding.ToBytes(secret), 0);
    }

    public async Task TurnOnAsync()
    {
        await SetUpAsync();
        using var answer = await Now.Http.PostAsJsonAsync(
            "/api/users/me/two-factor/enable", new { code = await CodeAsync() });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>One that was not used yet, as soon as there is one.</summary>
    public async Task<string> CodeAsync()
    {
        static long Step() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() / StepSeconds;
        var step = Math.Max(_lastStep + 1, Step());
        await Wait.UntilAsync("the code to be good", () => step <= Step() + 1, 2 * StepSeconds);
        _lastStep = step;
        return new Totp(_secret).ComputeTotp(DateTimeOffset.FromUnixTimeSeconds(step * StepSeconds).UtcDateTime);
    }

    public ValueTask DisposeAsync() => Now.DisposeAsync();
}
