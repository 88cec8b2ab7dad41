using System.Reflection;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Notifications.Tests;

/// <summary>
/// Events with every field filled, made from the records themselves: one that is added to Contracts is here by
/// itself.
/// </summary>
static class Samples
{
    public static readonly DateTimeOffset At = new(2026, 11, 22, 12, 30, 0, TimeSpan.Zero);

    public static IEnumerable<Type> Types => typeof(IEvent).Assembly.GetTypes()
        .Where(t => t is { IsInterface: false } && typeof(IEvent).IsAssignableFrom(t));

    /// <summary>Those that somebody is told of.</summary>
    public static IEnumerable<Type> Told => Types.Except([typeof(BillingUsageCharged)]);

    public static string NameOf(Type type) => (string)type.GetProperty(nameof(IEvent.EventName))!.GetValue(null)!;

    public static object Make(Type type, Guid userId)
    {
        var constructor = type.GetConstructors().Single(c => c.GetParameters().Length > 1);
        return constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p, userId))]);
    }

    static object Value(ParameterInfo parameter, Guid userId) =>
        (Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType) switch
        {
            _ when parameter.Name == "UserId" => userId,
            var t when t == typeof(Guid) => Guid.CreateVersion7(),
            var t when t == typeof(string) => $"<{parameter.Name}>",
            var t when t == typeof(int) => 7,
            var t when t == typeof(long) => 42L,
            var t when t == typeof(decimal) => 12.345678m,
            var t when t == typeof(DateTimeOffset) => At,
            var t => throw new NotSupportedException($"a sample of {t} for {parameter.Member.DeclaringType}"),
        };

    public static Task<HttpResponseMessage> DeliverSampleAsync(
        this TestService<NotificationsDb> service, Type type, Guid userId, string? eventId = null) =>
        (Task<HttpResponseMessage>)typeof(TestService<NotificationsDb>).GetMethod(nameof(service.DeliverAsync))!
            .MakeGenericMethod(type).Invoke(service, [Make(type, userId), eventId, null])!;

    public static DeviceStarted Started(Guid userId, string name = "Pixel") =>
        new(Guid.CreateVersion7(), userId, name, 2, 4, At, 2);

    public static UserRegistered Registered(Guid userId, string language = "en", string name = "ann",
        string email = "ann@example.com") =>
        new(userId, name, email, language, At);
}
