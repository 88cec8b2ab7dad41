namespace CloudPhone.Media.WebRtc.Sdp;

/// <summary>One part of a description: what stands before the first "m=", or one medium with its attributes.</summary>
sealed class SdpSection
{
    readonly List<string> _attributes = [];

    /// <summary>What follows "m="; null: the part about the whole session.</summary>
    public string? Medium { get; init; }

    public void Add(string attribute) => _attributes.Add(attribute);

    public bool Has(string flag) => _attributes.Contains(flag);

    /// <summary>The values of "name:value".</summary>
    public IEnumerable<string> All(string name) =>
        from a in _attributes
        where a.Length > name.Length && a[name.Length] == ':' && a.StartsWith(name, StringComparison.Ordinal)
        select a[(name.Length + 1)..];

    public string? First(string name) => All(name).FirstOrDefault();
}

static class SdpLines
{
    /// <summary>A browser's offer for one picture is 3 to 8 KB.</summary>
    public const int MaxLength = 64 * 1024;
    public const int MaxMedia = 8;
    const int MaxLines = 2000;

    /// <summary>The session's part first, then each medium; null: it is no description.</summary>
    public static List<SdpSection>? Read(string text)
    {
        if (text.Length > MaxLength || !text.StartsWith("v=0", StringComparison.Ordinal))
            return null;
        var sections = new List<SdpSection> { new() };
        var lines = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).TrimEnd('\r');
            if (++lines > MaxLines)
                return null;
            if (line.IsEmpty)
                continue;
            if (line.Length < 2 || line[1] != '=' || line.ContainsAnyInRange('\0', '\x1F'))
                return null;
            if (line[0] == 'm')
                sections.Add(new() { Medium = line[2..].ToString() });
            else if (line[0] == 'a')
                sections[^1].Add(line[2..].ToString());
        }
        return sections.Count - 1 <= MaxMedia ? sections : null;
    }
}
