using System.Text.Json;

namespace CloudPhone.Sidecar.Expressions;

/// <summary>The part of the Common Expression Language that routing rules and breakers' trip rules are written
/// in.</summary>
sealed class Cel
{
    readonly CelNode _root;

    Cel(string text, CelNode root) => (Text, _root) = (text, root);

    public string Text { get; }

    /// <param name="variables">The names that may be used; none given: any.</param>
    /// <exception cref="FormatException">The text is not an expression, with the position.</exception>
    public static Cel Parse(string text, params string[] variables) =>
        new(text, new CelParser(text, variables).Parse());

    /// <summary>Evaluates over variables: JsonElement (objects of events), long, double, bool or string. JSON numbers
    /// are doubles.</summary>
    /// <exception cref="CelException">A field is missing, or types do not fit.</exception>
    public object? Evaluate(IReadOnlyDictionary<string, object?> variables) => _root.Evaluate(variables);

    /// <exception cref="CelException">As above, or the result is no bool.</exception>
    public bool IsTrue(IReadOnlyDictionary<string, object?> variables) =>
        Evaluate(variables) is bool b ? b : throw new CelException("the expression is not boolean");

    /// <summary>For routing rules: the CloudEvent as <c>event</c>.</summary>
    /// <exception cref="CelException">As above.</exception>
    public bool Matches(JsonElement cloudEvent) => IsTrue(new Dictionary<string, object?> { ["event"] = cloudEvent });

    public override string ToString() => Text;
}

/// <summary>An expression that was understood, but not over these values.</summary>
sealed class CelException(string message) : Exception(message);
