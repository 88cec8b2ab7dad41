using System.Globalization;

namespace CloudPhone.Sidecar.Expressions;

/// <summary>Recursive descent over the language's grammar; the order of the methods is that of binding, loosest
/// first.</summary>
sealed class CelParser(string text, IReadOnlyCollection<string> variables)
{
    // Deeper nesting than anybody writes would only serve to overflow the stack.
    const int MaxDepth = 100;

    readonly List<CelToken> _tokens = CelLexer.Tokens(text);
    int _at;
    int _depth;

    CelToken Current => _tokens[_at];

    public CelNode Parse()
    {
        var root = Expression();
        return Current.Kind == CelTokenKind.End ? root : throw Unexpected();
    }

    CelNode Expression()
    {
        if (++_depth > MaxDepth)
            throw Wrong(Current, "nested too deeply");
        var condition = Or();
        if (Take("?"))
        {
            var then = Or();
            Expect(":");
            condition = new CelNode.Conditional(condition, then, Expression());
        }
        _depth--;
        return condition;
    }

    CelNode Or() => Chain(And, "||");

    CelNode And() => Chain(Relation, "&&");

    CelNode Relation()
    {
        var left = Sum();
        while (true)
        {
            if (Current is { Kind: CelTokenKind.Name, Text: "in" })
            {
                _at++;
                left = new CelNode.Binary("in", left, Sum());
            }
            else if (TakeAny("==", "!=", "<=", ">=", "<", ">") is { } operation)
                left = new CelNode.Binary(operation, left, Sum());
            else
                return left;
        }
    }

    CelNode Sum() => Chain(Product, "+", "-");

    CelNode Product() => Chain(Unary, "*", "/", "%");

    CelNode Chain(Func<CelNode> part, params string[] operations)
    {
        var left = part();
        while (TakeAny(operations) is { } operation)
            left = operation switch
            {
                "&&" or "||" => new CelNode.Logical(operation == "||", left, part()),
                _ => new CelNode.Binary(operation, left, part()),
            };
        return left;
    }

    CelNode Unary()
    {
        if (++_depth > MaxDepth)
            throw Wrong(Current, "nested too deeply");
        CelNode node = Take("!") ? new CelNode.Not(Unary())
            : !Current.Is("-") ? Member()
            : _tokens[_at + 1].Kind == CelTokenKind.Integer ? Member()
            : TakeMinus();
        _depth--;
        return node;

        CelNode.Negate TakeMinus()
        {
            _at++;
            return new(Unary());
        }
    }

    CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            if (Take("."))
            {
                var name = Name();
                node = Take("(") ? Call(name, [node, .. Arguments(")")]) : new CelNode.Field(node, name.Text);
            }
            else if (Take("["))
            {
                node = new CelNode.Index(node, Expression());
                Expect("]");
            }
            else
                return node;
        }
    }

    CelNode Primary()
    {
        var token = Current;
        _at++;
        return token.Kind switch
        {
            CelTokenKind.Text => new CelNode.Literal(token.Text),
            CelTokenKind.Double => new CelNode.Literal(double.Parse(token.Text, CultureInfo.InvariantCulture)),
            CelTokenKind.Integer => Integer(token, ""),
            CelTokenKind.Name => Named(token),
            _ when token.Is("-") => Integer(_tokens[_at++], "-"),
            _ when token.Is("[") => new CelNode.List(Arguments("]")),
            _ when token.Is("(") => Grouped(),
            _ => throw Back(),
        };

        CelNode Grouped()
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        FormatException Back()
        {
            _at--;
            return Unexpected();
        }
    }

    CelNode Named(CelToken name)
    {
        switch (name.Text)
        {
            case "true":
                return new CelNode.Literal(true);
            case "false":
                return new CelNode.Literal(false);
            case "null":
                return new CelNode.Literal(null);
            case "in":
                _at--;
                throw Unexpected();
        }
        if (Take("("))
            return Call(name, Arguments(")"));
        return variables.Count == 0 || variables.Contains(name.Text) ? new CelNode.Variable(name.Text)
            : throw Wrong(name, $"unknown name '{name.Text}'; known: {string.Join(", ", variables)}");
    }

    static CelNode Call(CelToken name, List<CelNode> arguments)
    {
        if (name.Text == "has")
            return arguments is [CelNode.Field field] ? new CelNode.Has(field)
                : throw Wrong(name, "has() takes one field, like has(event.data)");
        if (!CelFunctions.All.TryGetValue((name.Text, arguments.Count), out var function))
            throw Wrong(name,
                $"unknown function '{name.Text}' of {arguments.Count} arguments; known: has, {CelFunctions.Names}");
        if (name.Text == "matches" && arguments[1] is CelNode.Literal { Value: string pattern })
            CelFunctions.CheckPattern(pattern, name.Position);
        return new CelNode.Call(function, arguments);
    }

    List<CelNode> Arguments(string end)
    {
        var arguments = new List<CelNode>();
        if (Take(end))
            return arguments;
        do
        {
            arguments.Add(Expression());
        }
        while (Take(","));
        Expect(end);
        return arguments;
    }

    static CelNode.Literal Integer(CelToken token, string sign) =>
        long.TryParse(sign + token.Text, CultureInfo.InvariantCulture, out var value) ? new(value)
        : throw Wrong(token, $"the number {sign}{token.Text} is too large");

    CelToken Name() => Current.Kind == CelTokenKind.Name ? _tokens[_at++] : throw Unexpected();

    string? TakeAny(params string[] symbols)
    {
        if (Current.Kind != CelTokenKind.Symbol || !symbols.Contains(Current.Text))
            return null;
        return _tokens[_at++].Text;
    }

    bool Take(string symbol) => TakeAny(symbol) is not null;

    void Expect(string symbol)
    {
        if (!Take(symbol))
            throw Wrong(Current, $"expected '{symbol}' and not {Current}");
    }

    FormatException Unexpected() => Wrong(Current, $"unexpected {Current}");

    static FormatException Wrong(CelToken token, string why) => new($"position {token.Position}: {why}");
}
