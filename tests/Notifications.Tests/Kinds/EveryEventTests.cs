using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Notifications.Mail;
using CloudPhone.Notifications.People;
using CloudPhone.Notifications.Stored;
using CloudPhone.Notifications.Texts;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Tests.Kinds;

public sealed class EveryEventTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task Every_event_of_the_contracts_gives_exactly_one_notification_in_both_languages()
    {
        foreach (var type in Samples.Told)
            for (var twice = 0; twice < 2; twice++)
                Assert.Equal(HttpStatusCode.OK, (await _service.DeliverSampleAsync(type, _user, $"e-{type.Name}"))
                    .StatusCode);

        // an operator, so that the operators' list is seen as well
        using var client = _service.As(_user, Roles.Operator);
        var texts = new Dictionary<string, string>();
        foreach (var language in new[] { "zh-CN", "en" })
        {
            (await client.PutAsJsonAsync("/api/notifications/preferences", new PreferencesItem(true, language)))
                .EnsureSuccessStatusCode();
            var items = (await client.ListAsync()).Items;
            Assert.Equal(
                Samples.Told.Select(Samples.NameOf)
                    .Except([UserPasswordResetRequested.EventName, UserEmailChangeRequested.EventName]).Order(),
                items.Select(i => i.Type).Order());
            foreach (var item in items)
            {
                Assert.False(string.IsNullOrWhiteSpace(item.Title)
                    || string.IsNullOrWhiteSpace(item.Message), item.Type);
                Assert.DoesNotContain('{', item.Title + item.Message);
                Assert.NotEqual(texts.GetValueOrDefault(item.Type), item.Message);
                Assert.Equal(language == "zh-CN", (item.Title + item.Message).Any(c => c is >= '一' and <= '鿿'));
                texts[item.Type] = item.Message;
            }
        }
    }

    [Fact]
    public async Task The_data_is_the_event()
    {
        var e = Samples.Started(_user);
        await _service.TakesAsync(e);
        using var client = _service.As(_user);
        var item = Assert.Single((await client.ListAsync()).Items);
        Assert.Equal("device.started", item.Type);
        Assert.Equal(e.DeviceId, item.Data.GetProperty("deviceId").GetGuid());
        Assert.Equal(JsonSerializer.SerializeToElement(e, EventJson.Options).GetRawText()
            .Length, item.Data.GetRawText().Length);
    }

    /// <summary>What use costs comes each minute, and a plan's price with its payment.</summary>
    [Theory]
    [InlineData("usage", -0.13, 0)]
    [InlineData("usage", 0.13, 1)]
    [InlineData("plan", -299, 0)]
    [InlineData("plan-refunded", 299, 0)]
    [InlineData("payment", 100, 1)]
    [InlineData("refund", -100, 1)]
    [InlineData("refund-released", 100, 1)]
    [InlineData("adjustment", 5, 1)]
    public async Task A_balance_is_told_where_somebody_wants_to_know(string reason, double delta, int expected)
    {
        await _service.TakesAsync(new UserBalanceUpdated(
            _user, 500, (decimal)delta, "CNY", reason, DateTimeOffset.UtcNow, 7));
        using var client = _service.As(_user);
        Assert.Equal(expected, (await client.ListAsync()).Items.Count);
    }

    [Fact]
    public async Task The_broker_keeps_what_use_costs_to_itself()
    {
        using var client = _service.Anonymous();
        client.DefaultRequestHeaders.Add("dapr-api-token", TestService<NotificationsDb>.SidecarToken);
        var subscriptions = await client.GetStringAsync("/dapr/subscribe");
        Assert.Contains(BillingLowBalance.EventName, subscriptions);
        Assert.DoesNotContain(BillingUsageCharged.EventName, subscriptions);
    }

    [Fact]
    public async Task A_look_at_a_phone_is_listed_but_not_unread()
    {
        await _service.DeliverSampleAsync(typeof(MediaSessionStarted), _user);
        using var client = _service.As(_user);
        Assert.NotNull(Assert.Single((await client.ListAsync()).Items).ReadAt);
        Assert.Equal(0, await client.UnreadAsync());
    }

    [Theory]
    [InlineData("HIGH", Priority.Critical, 1)]
    [InlineData("LOW", Priority.Low, 0)]
    public async Task An_error_that_calls_itself_low_wakes_nobody(string said, Priority expected, int mails)
    {
        await using var service = new TestService<NotificationsDb>(("MAIL_LOW_PRIORITY", "false"));
        var now = DateTimeOffset.UtcNow;
        await service.TakesAsync(new DeviceError(Guid.CreateVersion7(), _user, "p", "X", "it fell", said, now, 3));
        using var client = service.As(_user);
        Assert.Equal(expected, Assert.Single((await client.ListAsync()).Items).Priority);
        Assert.Equal(mails, await service.InDatabaseAsync(db => db.Set<OutgoingMail>().CountAsync()));
    }

    /// <summary>A template can only name what its event has, and formats only what they are for.</summary>
    [Theory]
    [InlineData("zh-CN")]
    [InlineData("en")]
    public void Templates_name_fields_of_their_events(string language)
    {
        var texts = new TextCatalogue()[language];
        Assert.Equal(Samples.Told.Select(Samples.NameOf).Order(), texts.Texts.Keys.Order());
        foreach (var type in Samples.Told)
        {
            var text = texts.Texts[Samples.NameOf(type)];
            var all = string.Concat(text.Instead?.Select(t => t.Title + t.Message) ?? []);
            foreach (var (name, format) in Template.FieldsOf(text.Title + text.Message + all))
            {
                var property = type.GetProperty(char.ToUpperInvariant(name[0]) + name[1..]);
                Assert.True(property is not null, $"{type.Name} has no {name}");
                var kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                var expected = kind == typeof(decimal) ? "money" : kind == typeof(DateTimeOffset) ? "time" : "";
                Assert.True(format == expected
                    || (format == "credit" && kind == typeof(decimal))
                    || (format == "duration" && kind == typeof(long)), $"{type.Name}: {{{name}:{format}}}");
            }
            foreach (var name in text.Instead?.SelectMany(t => t.When.Keys) ?? [])
                Assert.True(type.GetProperty(char.ToUpperInvariant(name[0]) + name[1..]) is not null,
                    $"{type.Name} has no {name}");
        }
    }

    [Fact]
    public void Words_and_templates_are_the_same_in_both_languages()
    {
        var (chinese, english) = (new TextCatalogue()["zh-CN"], new TextCatalogue()["en"]);
        Assert.Equal(english.Words.Keys, chinese.Words.Keys);
        Assert.Equal(Cases(english), Cases(chinese));
        foreach (var key in english.Words.Keys)
        {
            var parts = key.Split('.');
            Assert.Contains(Samples.Told, t => Samples.NameOf(t) == $"{parts[0]}.{parts[1]}"
                && t.GetProperties().Any(p => string.Equals(p.Name, parts[2], StringComparison.OrdinalIgnoreCase)));
        }
    }

    static IEnumerable<string> Cases(LanguageTexts texts) => texts.Texts
        .SelectMany(t => (t.Value.Instead ?? []).Select(s => $"{t.Key} {string.Join(' ', s.When)}"));

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
