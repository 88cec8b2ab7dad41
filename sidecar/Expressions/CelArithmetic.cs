using System.Text.Json;

namespace CloudPhone.Sidecar.Expressions;

/// <summary>Operators on two values. Integers and doubles compare with each other, but do not mix in
/// arithmetic.</summary>
static class CelArithmetic
{
    public static object? Negate(object? value) => value switch
    {
        long.MinValue => throw new CelException("integer overflow"),
        long l => -l,
        double d => -d,
        _ => throw new CelException($"- needs a number and not a {CelValues.Kind(value)}"),
    };

    public static object? Apply(string operation, object? left, object? right) => operation switch
    {
        "==" => CelValues.AreEqual(left, right),
        "!=" => !CelValues.AreEqual(left, right),
        "<" => Compare(operation, left, right) is < 0,
        "<=" => Compare(operation, left, right) is <= 0,
        ">" => Compare(operation, left, right) is > 0,
        ">=" => Compare(operation, left, right) is >= 0,
        "in" => Contains(right, left),
        _ => Calculate(operation, left, right),
    };

    static bool Contains(object? container, object? value) =>
        container is JsonElement { ValueKind: JsonValueKind.Object }
            ? value is string key && CelValues.TryGet(container, key, out _)
            : (CelValues.Items(container) ?? throw NoOverload("in", value, container))
                .Any(i => CelValues.AreEqual(i, value));

    /// <summary>Null: not comparable though numbers (not a number), so that every comparison is false.</summary>
    static int? Compare(string operation, object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (long or double, long or double) => Numbers(ToDouble(left), ToDouble(right)),
        _ => throw NoOverload(operation, left, right),
    };

    static int? Numbers(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);

    static double ToDouble(object number) => number is long l ? l : (double)number;

    static object Calculate(string operation, object? left, object? right) => (left, right) switch
    {
        (long a, long b) => Integers(operation, a, b),
        (double a, double b) when operation != "%" => operation switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            _ => a / b,
        },
        (string a, string b) when operation == "+" => a + b,
        _ when operation == "+" && CelValues.Items(left) is { } a && CelValues.Items(right) is { } b =>
            a.Concat(b).ToList(),
        _ => throw NoOverload(operation, left, right),
    };

    static long Integers(string operation, long a, long b)
    {
        if (operation is "/" or "%" && b == 0)
            throw new CelException("division by zero");
        try
        {
            return operation switch
            {
                "+" => checked(a + b),
                "-" => checked(a - b),
                "*" => checked(a * b),
                "/" => checked(a / b),
                _ => b == -1 ? 0 : a % b,
            };
        }
        catch (OverflowException)
        {
            throw new CelException("integer overflow");
        }
    }

    static CelException NoOverload(string operation, object? left, object? right) =>
        new($"{operation} does not go with a {CelValues.Kind(left)} and a {CelValues.Kind(right)}");
}
