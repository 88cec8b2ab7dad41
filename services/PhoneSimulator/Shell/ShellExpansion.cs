using System.Globalization;
using System.Text;
using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>Takes the quotes out of a word and puts variables in.</summary>
static class ShellExpansion
{
    /// <summary>Characters of one command: variables may be made of variables again and again.</summary>
    const int MaxChars = 64 << 10;

    /// <exception cref="DiskException">They become too long.</exception>
    public static List<string> Expand(List<string> words, ShellState state)
    {
        var room = MaxChars;
        return words.ConvertAll(word =>
        {
            var expanded = Expand(word, state);
            return (room -= expanded.Length) >= 0 ? expanded : throw DiskException.TooLong;
        });
    }

    /// <exception cref="DiskException">It becomes too long.</exception>
    public static string Expand(string word, ShellState state)
    {
        var result = new StringBuilder();
        var quote = '\0';
        for (var at = 0; at < word.Length; at++)
        {
            if (result.Length > MaxChars)
                throw DiskException.TooLong;
            var c = word[at];
            if (quote == '\'')
            {
                if (c == '\'')
                    quote = '\0';
                else
                    result.Append(c);
            }
            else if (c == '\\' && at + 1 < word.Length)
            {
                var next = word[++at];
                if (quote == '"' && next is not ('"' or '\\' or '$' or '`'))
                    result.Append('\\');
                result.Append(next);
            }
            else if (c == '$' && at + 1 < word.Length)
            {
                at = Variable(word, at + 1, state, result);
            }
            else if (c is '"' or '\'' && (quote == '\0' || quote == c))
            {
                quote = quote == c ? '\0' : c;
            }
            else
            {
                result.Append(c);
            }
        }
        return result.ToString();
    }

    /// <returns>Where its name ends.</returns>
    static int Variable(string word, int at, ShellState state, StringBuilder result)
    {
        if (word[at] == '?')
        {
            result.Append(CultureInfo.InvariantCulture, $"{state.LastCode}");
            return at;
        }
        if (word[at] == '(')
            throw new ShellSyntaxException("(");
        var braced = word[at] == '{';
        var start = braced ? at + 1 : at;
        var end = start;
        while (end < word.Length && (char.IsAsciiLetterOrDigit(word[end]) || word[end] == '_'))
            end++;
        if (braced && (end == word.Length || word[end] != '}'))
            throw new ShellSyntaxException("${");
        if (end == start)
        {
            result.Append('$');
            return at - 1;
        }
        result.Append(state.Variables.GetValueOrDefault(word[start..end]));
        return braced ? end : end - 1;
    }
}
