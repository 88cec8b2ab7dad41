using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Notifications.People;
using CloudPhone.Testing;

namespace CloudPhone.Notifications.Tests.Kinds;

/// <summary>Late news can make usage cheaper than it was charged: what is given back is not called a charge.</summary>
public sealed class CorrectionTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    [Theory]
    [InlineData("usage", 0.13,
        "You got 0.13 CNY back, as usage was charged too high before. Your balance is 5.00 CNY now.")]
    [InlineData("payment", 0.13, "Your balance changed by 0.13 CNY (payment) and is 5.00 CNY now.")]
    public async Task What_is_given_back_is_called_so(string reason, double delta, string message)
    {
        var (_, said) = await SaidOfAsync("en", new UserBalanceUpdated(
            _user, 5, (decimal)delta, "CNY", reason, Samples.At, 3));
        Assert.Equal(message, said);
    }

    async Task<(string Title, string Message)> SaidOfAsync<TEvent>(string language, TEvent e) where TEvent : IEvent
    {
        await _service.TakesAsync(e);
        using var client = _service.As(_user);
        (await client.PutAsJsonAsync("/api/notifications/preferences", new PreferencesItem(true, language)))
            .EnsureSuccessStatusCode();
        var item = Assert.Single((await client.ListAsync()).Items);
        return (item.Title, item.Message);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
