namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>Which queues an exchange gives a message to, as AMQP 0-9-1 defines its exchange kinds.</summary>
static class TopicPattern
{
    /// <summary>True where a binding takes a message: every one of a fanout exchange, equal keys of a direct one, and
    /// of a topic exchange those that match word by word: <c>*</c> is one word, <c>#</c> any number of them.</summary>
    public static bool Takes(ExchangeKind kind, string binding, string key) => kind switch
    {
        ExchangeKind.Fanout => true,
        ExchangeKind.Direct => binding == key,
        _ => Matches(Words(binding), Words(key)),
    };

    public static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> words)
    {
        while (pattern.Length > 0 && pattern[0] != "#")
        {
            if (words.Length == 0 || (pattern[0] != "*" && pattern[0] != words[0]))
                return false;
            pattern = pattern[1..];
            words = words[1..];
        }
        if (pattern.Length == 0)
            return words.Length == 0;
        while (pattern.Length > 0 && pattern[0] == "#")
            pattern = pattern[1..];
        if (pattern.Length == 0)
            return true;
        for (var i = 0; i < words.Length; i++)
            if (Matches(pattern, words[i..]))
                return true;
        return false;
    }

    /// <summary>An empty key has no words, not one that is empty.</summary>
    static string[] Words(string key) => key.Length == 0 ? [] : key.Split('.');
}
