namespace CloudPhone.PhoneSimulator.Shell;

/// <param name="IsOperator">It stood outside of quotes and joins or redirects.</param>
readonly record struct ShellToken(string Text, bool IsOperator);

/// <summary>Cuts a line into words, whose quotes stay in them until they are expanded, and operators.</summary>
static class ShellLexer
{
    static readonly string[] Operators =
        ["2>&1", "1>&2", "2>>", "1>>", ">&2", "&&", "||", ">>", "2>", "1>", ">", "<", "|", ";", "\n"];

    /// <exception cref="ShellSyntaxException">A quote is open, or it is more than this shell can.</exception>
    public static List<ShellToken> Read(string text)
    {
        var tokens = new List<ShellToken>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] is ' ' or '\t' or '\r')
            {
                at++;
            }
            else if (text[at] == '#')
            {
                at = text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;
            }
            else if (OperatorAt(text, at) is { } op)
            {
                tokens.Add(new(op, true));
                at += op.Length;
            }
            else
            {
                var end = WordEnd(text, at);
                tokens.Add(new(text[at..end], false));
                at = end;
            }
        }
        return tokens;
    }

    static string? OperatorAt(string text, int at) =>
        Array.Find(Operators, o => string.CompareOrdinal(text, at, o, 0, o.Length) == 0);

    static int WordEnd(string text, int at)
    {
        for (; at < text.Length; at++)
        {
            switch (text[at])
            {
                case ' ' or '\t' or '\r' or '\n' or ';' or '|' or '<' or '>':
                    return at;
                case '&' when at + 1 < text.Length && text[at + 1] == '&':
                    return at;
                case '(' or ')' or '`' or '&':
                    throw new ShellSyntaxException(text[at].ToString());
                case '\\':
                    at++;
                    break;
                case '\'' or '"':
                    at = QuoteEnd(text, at);
                    break;
                default:
                    break;
            }
        }
        return text.Length;
    }

    static int QuoteEnd(string text, int at)
    {
        var quote = text[at];
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] == quote)
                return i;
            if (quote == '"' && text[i] == '\\')
                i++;
            else if (quote == '"' && text[i] == '`')
                throw new ShellSyntaxException("`");
        }
        throw new ShellSyntaxException("end of file");
    }
}
