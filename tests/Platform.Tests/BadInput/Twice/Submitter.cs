using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Money;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Platform.Tests.BadInput.Twice;

/// <summary>Makes what submissions are about, and sends them, as a user, an admin, a service or nobody.</summary>
sealed class Submitter(RunningPlatform platform, PlatformUser admin, JsonElement secrets) : IAsyncDisposable
{
    readonly List<(PlatformUser Owner, Guid Id)> _phones = [];

    public RunningPlatform Platform => platform;
    public PlatformUser Admin => admin;
    public SandboxPayer Payer => new(platform);
    public JwtSettings Jwt => new(new ConfigurationBuilder().AddInMemoryCollection(
        [new("JWT_SECRET", secrets.GetProperty("JWT_SECRET").GetString())]).Build());

    /// <summary>Who has money, phones and notifications.</summary>
    public required PlatformUser User { get; init; }

    /// <summary>Whose account is changed.</summary>
    public required Member Member { get; init; }

    public Send ByUser(string method, string path, object? body = null) => By(User.Token, method, path, body);

    public Send ByAdmin(string method, string path, object? body = null) => By(admin.Token, method, path, body);

    public Send ByMember(string method, string path, object? body = null) =>
        By(Member.Now.Token, method, path, body);

    public Send ByNobody(string path, object body) => By(null, "POST", path, body);

    public Send By(string? token, string method, string path, object? body) => To(platform.Gateway, method, path,
        request => request.Headers.Authorization = token is null ? null : new("Bearer", token),
        body is null ? null : () => JsonContent.Create(body));

    /// <summary>At the user service's own port.</summary>
    public Send ByService(string path, object body)
    {
        var token = new TestTokens(secrets.GetProperty("JWT_SECRET").GetString()!).Service(AppIds.Devices);
        return To(platform.AddressOf(AppIds.Users), "POST", path,
            request => request.Headers.Add(ServiceTokens.Header, token), () => JsonContent.Create(body));
    }

    /// <param name="content">Made for each request: a request uses its content up.</param>
    public Send Upload(string? token, string method, string path, Func<HttpContent> content) => To(
        platform.Gateway, method, path,
        request => request.Headers.Authorization = new("Bearer", token), content);

    static Send To(Uri at, string method, string path, Action<HttpRequestMessage> sign, Func<HttpContent>? content) =>
        async key =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), new Uri(at, path));
        request.Content = content?.Invoke();
        sign(request);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await Client.SendAsync(request);
    };

    static readonly HttpClient Client =
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(100) };

    /// <returns>What a request that makes something answers.</returns>
    public static async Task<JsonElement> DoneAsync(Send send)
    {
        using var answer = await send(null);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(
            answer.IsSuccessStatusCode, $"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public static async Task<Guid> MadeAsync(Send send) =>
        (await DoneAsync(send)).GetProperty("id").GetGuid();

    /// <summary>The user's one phone, in that state.</summary>
    public async Task<string> PhoneAsync(string status)
    {
        if (_phones.Count == 0)
            _phones.Add((User, await User.CreateRunningAsync("twice")));
        var path = $"/api/devices/{_phones[0].Id}";
        string? now = null;
        await Wait.UntilAsync("the phone to rest", async () => (now = (await User.GetAsync(path))
            .GetProperty("status").GetString()) is "running" or "stopped", 60);
        if (now != status)
            await DoneAsync(ByUser("POST", $"{path}/{(status == "running" ? "start" : "stop")}"));
        await User.UntilStatusAsync(_phones[0].Id, status);
        return path;
    }

    /// <summary>One that is to be removed.</summary>
    public async Task<string> AnotherPhoneAsync()
    {
        var id = await User.CreateRunningAsync("twice more");
        return $"/api/devices/{id}";
    }

    public async Task<Ordered> PaidOrderAsync()
    {
        var order = await SandboxPayer.OrderAsync(User, 20);
        await Payer.TellThreeTimesAsync(order);
        await Wait.UntilAsync("the order to be paid", async () => (await User.GetAsync(
            $"/api/billing/orders/{order.OrderId}")).GetProperty("status").GetString() == "paid");
        return order;
    }

    /// <summary>The one that is good of the user service's table, once its worker was there.</summary>
    public async Task<Guid> LinkAsync(string table, string email)
    {
        Guid? id = null;
        await Wait.UntilAsync($"the link of {table}", () =>
        {
            using var connection = platform.OpenDatabase(AppIds.Users);
            id = Databases.One(connection, $"id FROM {table} WHERE email = '{email}' AND expires_at IS NOT NULL "
                + "AND used_at IS NULL") is { } value ? Guid.Parse($"{value}") : null;
            return id is not null;
        });
        return id!.Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var phone in await User.ListAsync("/api/devices"))
            (await User.Http.DeleteAsync($"/api/devices/{phone.GetProperty("id").GetGuid()}")).Dispose();
        await User.DisposeAsync();
        await Member.DisposeAsync();
    }
}
