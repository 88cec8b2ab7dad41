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

    BillingUsageCharged Charge(decimal amount, long seconds) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), _user, amount, "CNY", seconds, Samples.At,
        Samples.At.AddMinutes(1));

    [Theory]
    [InlineData("en", 0.13, 13, "Usage charged: 0.13 CNY",
        "13 seconds of use from 2026-11-22 12:30 UTC to 2026-11-22 12:31 UTC were charged: 0.13 CNY.")]
    [InlineData("en", -13, -60, "Usage corrected: 13.00 CNY given back",
        "Your use of a phone until 2026-11-22 12:31 UTC was charged too high. 13.00 CNY are back in your balance.")]
    [InlineData("en", -0.2, 60, "Usage corrected: 0.20 CNY given back",
        "Your use of a phone until 2026-11-22 12:31 UTC was charged too high. 0.20 CNY are back in your balance.")]
    [InlineData("en", 0, -13, "Usage corrected: 0.00 CNY",
        "Your use of a phone until 2026-11-22 12:31 UTC was counted anew: -13 seconds, 0.00 CNY.")]
    [InlineData("zh-CN", -13, -60, "使用费更正：已退回 13.00 CNY",
        "截至 2026-11-22 12:31 UTC 的使用费此前多扣了，13.00 CNY 已退回您的余额。")]
    [InlineData("zh-CN", 0, -13, "使用费更正：0.00 CNY",
        "截至 2026-11-22 12:31 UTC 的使用时间已重新计算：-13 秒，0.00 CNY。")]
    public async Task A_charge_below_zero_gives_back(
        string language, double amount, long seconds, string title, string message)
    {
        Assert.Equal((title, message), await SaidOfAsync(language, Charge((decimal)amount, seconds)));
    }

    [Theory]
    [InlineData("usage", 0.13,
        "You got 0.13 CNY back, as usage was charged too high before. Your balance is 5.00 CNY now.")]
    [InlineData("usage", -0.13, "Your balance changed by -0.13 CNY (usage) and is 5.00 CNY now.")]
    [InlineData("payment", 0.13, "Your balance changed by 0.13 CNY (payment) and is 5.00 CNY now.")]
    public async Task So_does_the_balance(string reason, double delta, string message)
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
