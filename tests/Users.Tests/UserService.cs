using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Emails;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Users.Tests;

/// <summary>The user service with helpers for what most tests begin with.</summary>
public sealed class UserService : TestService<UsersDb>
{
    public const string AdminPassword = "quiet rivers run deep";
    public const string Password = "seven green lanterns";
    static readonly string PasswordHash = Users.Passwords.PasswordHash.Compute(Password, 210_000).ToString();
    readonly LogLines _log = new();
    int _count;

    public UserService() : this([])
    {
    }

    internal UserService(params (string Name, string Value)[] settings)
        : base([("ADMIN_PASSWORD", AdminPassword), ("DAPR_GRPC_PORT", "1"), .. settings])
    {
    }

    public async Task<RegisteredUser> RegisterAsync()
    {
        var name = $"anna-{Interlocked.Increment(ref _count)}";
        using var client = Anonymous();
        var answer = await client.PostAsJsonAsync("/api/auth/register",
            new RegisterRequest(name, $"{name}@example.com", Password));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<RegisteredUser>())!;
    }

    /// <summary>A user with the usual password, made without the cost of hashing it again.</summary>
    public async Task<User> AddUserAsync()
    {
        var name = $"ben-{Interlocked.Increment(ref _count)}";
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<NewAccount>().CreateAsync(
            name, $"{name}@example.com", "en", PasswordHash, ["user"], CancellationToken.None);
    }

    public async Task<TokenAnswer> LoginAsync(string username, string password = Password)
    {
        using var client = Anonymous();
        var answer = await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(username, password));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<TokenAnswer>())!;
    }

    /// <summary>Failed logins, once all have been told.</summary>
    public async Task<IReadOnlyList<UserLoginFailed>> FailuresAsync()
    {
        await Wait.UntilAsync("failed logins to be told", () => InDatabaseAsync(async db =>
            !await ((UsersDb)db).FailedLogins.AnyAsync(f => f.NextAttemptAt != null)));
        return await PublishedAsync<UserLoginFailed>();
    }

    /// <summary>Asks for another address.</summary>
    /// <returns>The token of the link that is mailed to it.</returns>
    public async Task<string> RequestEmailAsync(User user, string email)
    {
        using var client = As(user.Id);
        var before = (await LinksAsync()).Count;
        (await client.PatchAsJsonAsync("/api/users/me", new { email, currentPassword = Password }))
            .EnsureSuccessStatusCode();
        await Wait.UntilAsync("the link", async () => (await LinksAsync()).Count > before);
        return Services.GetRequiredService<EmailTokens>().Create((await LinksAsync())[^1].ChangeId);

        async Task<List<UserEmailChangeRequested>> LinksAsync() =>
            [.. (await PublishedAsync<UserEmailChangeRequested>()).Where(e => e.UserId == user.Id && e.Email == email)];
    }

    public async Task<HttpResponseMessage> ConfirmEmailAsync(string token)
    {
        using var client = Anonymous();
        return await client.PostAsJsonAsync("/api/auth/email-change/confirm", new ConfirmEmailRequest(token));
    }

    public async Task ChangeEmailAsync(User user, string email) =>
        (await ConfirmEmailAsync(await RequestEmailAsync(user, email))).EnsureSuccessStatusCode();

    public async Task<QuotaView> QuotaAsync(Guid userId)
    {
        using var client = AsService(AppIds.Devices);
        return (await client.GetFromJsonAsync<QuotaView>($"/api/quotas/user/{userId}"))!;
    }

    public IReadOnlyCollection<string> LogLines => _log.Lines;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureLogging(logging => logging.AddProvider(_log));
    }

    /// <summary>
    /// Counts the hashes of this service from now on: meters are shared by the process, their scope is not.
    /// </summary>
    public HashCount CountHashes() => new(Services.GetRequiredService<IMeterFactory>());

    public static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(type, problem.GetProperty("type").GetString());
        Assert.True(problem.GetProperty("requestId").GetString()!.Length > 0);
        return problem;
    }
}

public sealed class HashCount : IDisposable
{
    readonly MeterListener _listener = new();
    long _count;

    public HashCount(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "password_hashes" && ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, n, _, _) => Interlocked.Add(ref _count, n));
        _listener.Start();
    }

    public long Value => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
