namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>The arguments of a command: single letters after dashes, and the rest.</summary>
readonly record struct Options(string Letters, string[] Rest)
{
    public bool this[char letter] => Letters.Contains(letter);

    public static Options Of(string[] args)
    {
        var flags = args.TakeWhile(a => a is ['-', not '-', ..]).ToArray();
        var rest = args[flags.Length..];
        return new(string.Concat(flags.Select(f => f[1..])), rest is ["--", .. var after] ? after : rest);
    }
}
