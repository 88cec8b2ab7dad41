using System.Net.Http.Json;
using CloudPhone.Notifications.People;
using CloudPhone.Testing;

namespace CloudPhone.Notifications.Tests.People;

public sealed class PreferencesTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task The_language_is_the_accounts_until_the_user_chooses_one()
    {
        using var client = _service.As(_user);
        await _service.TakesAsync(Samples.Started(_user));
        Assert.Equal("Pixel 正在运行", await TitleAsync(client)); // nobody has told of the user yet
        await _service.TakesAsync(Samples.Registered(_user, "en"));
        Assert.Equal("Pixel is running", await TitleAsync(client));
        await PutAsync(client, new(true, "zh-CN"));
        Assert.Equal("Pixel 正在运行", await TitleAsync(client));
        await PutAsync(client, new(true));
        Assert.Equal("Pixel is running", await TitleAsync(client));
    }

    static async Task<string> TitleAsync(HttpClient client) =>
        (await client.ListAsync()).Items.Single(i => i.Type == "device.started").Title;

    static async Task PutAsync(HttpClient client, PreferencesItem preferences) =>
        (await client.PutAsJsonAsync("/api/notifications/preferences", preferences)).EnsureSuccessStatusCode();

    [Fact]
    public async Task They_are_kept_per_user()
    {
        using var client = _service.As(_user);
        Assert.Equal(new(true), await GetAsync(client));
        await PutAsync(client, new(false, "en"));
        Assert.Equal(new(false, "en"), await GetAsync(client));
        using var other = _service.As(Guid.CreateVersion7());
        Assert.Equal(new(true), await GetAsync(other));
    }

    static async Task<PreferencesItem> GetAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<PreferencesItem>("/api/notifications/preferences"))!;

    [Fact]
    public async Task Simultaneous_first_changes_all_succeed()
    {
        using var client = _service.As(_user);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutAsync(client, new(false, "en"))));
        Assert.Equal(new(false, "en"), await GetAsync(client));
    }

    [Theory]
    [InlineData("""{"mail":true,"language":"xx"}""", "unknown-language")]
    [InlineData("""{"language":"en"}""", "bad-request")]
    [InlineData("""{"mail":"yes"}""", "bad-request")]
    [InlineData("", "bad-request")]
    public async Task Wrong_ones_change_nothing(string body, string problem)
    {
        using var client = _service.As(_user);
        using var content = new StringContent(body, null, "application/json");
        await (await client.PutAsync("/api/notifications/preferences", content)).AssertProblemAsync(400, problem);
        Assert.Equal(new(true), await GetAsync(client));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
