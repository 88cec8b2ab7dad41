using System.Reflection;

namespace CloudPhone.Contracts.Tests;

/// <summary>Every event of the contracts, each with a sample whose values tell its fields apart.</summary>
static class Samples
{
    static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static IEnumerable<Type> EventTypes =>
        typeof(IEvent).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IEvent)))
            .OrderBy(NameOf, StringComparer.Ordinal);

    public static string NameOf(Type type) =>
        (string)type.GetProperty(nameof(IEvent.EventName), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    /// <param name="optional">False leaves out what may be null.</param>
    public static object Of(Type type, bool optional = true)
    {
        var constructor = type.GetConstructors().Single(c => c.GetParameters().Length > 1);
        return constructor.Invoke([.. constructor.GetParameters().Select((p, i) => Value(p, i + 1, optional))]);
    }

    static object? Value(ParameterInfo parameter, int number, bool optional)
    {
        var type = parameter.ParameterType;
        var isNullable = Nullable.GetUnderlyingType(type) is not null
            || new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;
        if (isNullable && !optional)
            return null;
        return (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(Guid) => new Guid($"00000000-0000-7000-8000-{number:D12}"),
            var t when t == typeof(string) => $"{parameter.Name} 云",
            var t when t == typeof(int) => number,
            var t when t == typeof(long) => (long)number,
            var t when t == typeof(decimal) => number + 0.25m,
            var t when t == typeof(DateTimeOffset) => Start.AddSeconds(number),
            var t => throw new NotSupportedException($"{t} in an event"),
        };
    }
}
