using System.Globalization;
using System.Text;

namespace CloudPhone.Sidecar.Expressions;

/// <summary>Cuts an expression into tokens.</summary>
ref struct CelLexer(string text)
{
    static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]", ".", ",",
            "?", ":"];

    int _at;

    public static List<CelToken> Tokens(string text)
    {
        var lexer = new CelLexer(text);
        var tokens = new List<CelToken>();
        do
        {
            tokens.Add(lexer.Next());
        }
        while (tokens[^1].Kind != CelTokenKind.End);
        return tokens;
    }

    CelToken Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
        var start = _at;
        if (start == text.Length)
            return new(CelTokenKind.End, "", start + 1);
        var c = text[start];
        if (c is '"' or '\'' || (c is 'r' or 'R' && start + 1 < text.Length && text[start + 1] is '"' or '\''))
            return Quoted(raw: c is 'r' or 'R');
        if (char.IsAsciiLetter(c) || c == '_')
            return new(CelTokenKind.Name, While(x => char.IsAsciiLetterOrDigit(x) || x == '_'), start + 1);
        if (char.IsAsciiDigit(c))
            return Number();
        foreach (var symbol in Symbols)
            if (text.AsSpan(start).StartsWith(symbol, StringComparison.Ordinal))
            {
                _at += symbol.Length;
                return new(CelTokenKind.Symbol, symbol, start + 1);
            }
        throw Wrong(start, $"unexpected character '{c}'");
    }

    string While(Func<char, bool> part)
    {
        var start = _at;
        while (_at < text.Length && part(text[_at]))
            _at++;
        return text[start.._at];
    }

    CelToken Number()
    {
        var start = _at;
        While(char.IsAsciiDigit);
        var kind = CelTokenKind.Integer;
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            kind = CelTokenKind.Double;
            _at++;
            While(char.IsAsciiDigit);
        }
        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            kind = CelTokenKind.Double;
            _at++;
            if (_at < text.Length && text[_at] is '+' or '-')
                _at++;
            if (While(char.IsAsciiDigit).Length == 0)
                throw Wrong(start, "a number's exponent has no digits");
        }
        if (_at < text.Length && (char.IsAsciiLetter(text[_at]) || text[_at] == '_'))
            throw Wrong(_at, $"unexpected '{text[_at]}' after a number");
        return new(kind, text[start.._at], start + 1);
    }

    CelToken Quoted(bool raw)
    {
        var start = _at;
        if (raw)
            _at++;
        var quote = text[_at++];
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            var c = text[_at++];
            value.Append(c == '\\' && !raw ? Escape() : c.ToString());
        }
        if (_at == text.Length)
            throw Wrong(start, "a text without its closing quote");
        _at++;
        return new(CelTokenKind.Text, value.ToString(), start + 1);
    }

    string Escape()
    {
        var position = _at - 1;
        var c = _at < text.Length ? text[_at++] : throw Wrong(position, "a text without its closing quote");
        return c switch
        {
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            'a' => "\a",
            'b' => "\b",
            'f' => "\f",
            'v' => "\v",
            '\\' or '"' or '\'' or '`' or '?' => c.ToString(),
            'x' or 'X' => Code(2, position),
            'u' => Code(4, position),
            _ => throw Wrong(position, $"unknown escape '\\{c}'"),
        };
    }

    string Code(int digits, int position)
    {
        if (_at + digits > text.Length
            || !int.TryParse(
                text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw Wrong(position, $"needs {digits} hexadecimal digits");
        _at += digits;
        return ((char)code).ToString();
    }

    static FormatException Wrong(int at, string why) => new($"position {at + 1}: {why}");
}
