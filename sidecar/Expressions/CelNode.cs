using Scope = System.Collections.Generic.IReadOnlyDictionary<string, object?>;

namespace CloudPhone.Sidecar.Expressions;

/// <summary>A node of a parsed expression. Values are null, bool, long, double, string, lists, or JSON objects and
/// arrays.</summary>
abstract record CelNode
{
    public abstract object? Evaluate(Scope scope);

    public sealed record Literal(object? Value) : CelNode
    {
        public override object? Evaluate(Scope scope) => Value;
    }

    public sealed record Variable(string Name) : CelNode
    {
        public override object? Evaluate(Scope scope) =>
            scope.TryGetValue(Name, out var value) ? CelValues.FromJson(value)
                : throw new CelException($"unknown name '{Name}'");
    }

    public sealed record List(IReadOnlyList<CelNode> Items) : CelNode
    {
        public override object? Evaluate(Scope scope) => Items.Select(i => i.Evaluate(scope)).ToList();
    }

    public sealed record Field(CelNode Of, string Name) : CelNode
    {
        public override object? Evaluate(Scope scope) =>
            CelValues.TryGet(Of.Evaluate(scope), Name, out var value) ? value
                : throw new CelException($"no such key: {Name}");
    }

    public sealed record Has(Field Asked) : CelNode
    {
        public override object? Evaluate(Scope scope) => CelValues.TryGet(Asked.Of.Evaluate(scope), Asked.Name, out _);
    }

    public sealed record Index(CelNode Of, CelNode At) : CelNode
    {
        public override object? Evaluate(Scope scope) => CelValues.At(Of.Evaluate(scope), At.Evaluate(scope));
    }

    public sealed record Call(Func<object?[], object?> Function, IReadOnlyList<CelNode> Arguments) : CelNode
    {
        public override object? Evaluate(Scope scope) => Function([.. Arguments.Select(a => a.Evaluate(scope))]);
    }

    public sealed record Not(CelNode Operand) : CelNode
    {
        public override object? Evaluate(Scope scope) => !CelValues.Bool(Operand.Evaluate(scope), "!");
    }

    public sealed record Negate(CelNode Operand) : CelNode
    {
        public override object? Evaluate(Scope scope) => CelArithmetic.Negate(Operand.Evaluate(scope));
    }

    public sealed record Binary(string Operation, CelNode Left, CelNode Right) : CelNode
    {
        public override object? Evaluate(Scope scope) =>
            CelArithmetic.Apply(Operation, Left.Evaluate(scope), Right.Evaluate(scope));
    }

    public sealed record Conditional(CelNode If, CelNode Then, CelNode Else) : CelNode
    {
        public override object? Evaluate(Scope scope) =>
            CelValues.Bool(If.Evaluate(scope), "?:") ? Then.Evaluate(scope) : Else.Evaluate(scope);
    }

    /// <summary>Either side decides alone if it can, even where the other one fails: the language defines both as
    /// commutative.</summary>
    public sealed record Logical(bool IsOr, CelNode Left, CelNode Right) : CelNode
    {
        public override object? Evaluate(Scope scope)
        {
            CelException failure;
            try
            {
                return Side(Left, scope) == IsOr ? IsOr : Side(Right, scope);
            }
            catch (CelException e)
            {
                failure = e;
            }
            return Side(Right, scope) == IsOr ? IsOr : throw failure;
        }

        bool Side(CelNode side, Scope scope) => CelValues.Bool(side.Evaluate(scope), IsOr ? "||" : "&&");
    }
}
