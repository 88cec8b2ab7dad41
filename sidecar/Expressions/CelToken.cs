namespace CloudPhone.Sidecar.Expressions;

enum CelTokenKind { End, Name, Integer, Double, Text, Symbol }

/// <param name="Text">Of a text literal: its value, escapes resolved.</param>
/// <param name="Position">Counted from 1.</param>
readonly record struct CelToken(CelTokenKind Kind, string Text, int Position)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;

    public override string ToString() => Kind == CelTokenKind.End ? "the end" : $"'{Text}'";
}
