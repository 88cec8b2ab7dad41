using System.Collections.Frozen;

namespace CloudPhone.Users.Passwords;

/// <summary>
/// Length is what counts; there are no rules about kinds of characters. Refused is what attackers try first: common
/// words and keyboard runs, also with digits and signs around them or in place of letters, repeated, or the user's own
/// name.
/// </summary>
static class PasswordRules
{
    public const int MinLength = 10;
    public const int MaxLength = 128;
    public const string LengthRule = "password has 10 to 128 characters.";
    public const string CommonRule =
        "password is too common or holds little more than your name: take a longer phrase of your own.";

    /// <summary>What may be left beside a name or a repetition before the password counts as one.</summary>
    const int MinOwnCharacters = 5;

    static readonly FrozenDictionary<char, char> LookAlikes =
        "0123457!@$".Zip("oizeastias").ToFrozenDictionary(p => p.First, p => p.Second);

    static readonly FrozenSet<string> Common = ReadCommon();

    /// <summary>One that could be somebody's: it is worth a look.</summary>
    public static bool CouldBe(string password) => password.Length is > 0 and <= MaxLength;

    public static bool HasGoodLength(string password) => password.Length is >= MinLength and <= MaxLength;

    public static bool IsGood(string password, string username, string email) =>
        HasGoodLength(password) && !IsCommon(password, username, email);

    /// <summary>Says of a field what is wrong with the password in it.</summary>
    public static FieldErrors Check(FieldErrors errors, string field, string password, string username, string email) =>
        errors.Check(HasGoodLength(password), field, LengthRule)
            .Check(!IsCommon(password, username, email), field, CommonRule);

    /// <summary>For passwords of a good length.</summary>
    public static bool IsCommon(string password, string username, string email)
    {
        if (!HasGoodLength(password))
            return false;
        var p = password.ToLowerInvariant();
        return IsListed(p) || IsRun(p) || p.Distinct().Count() < MinOwnCharacters
            || IsMostly(p, username.ToLowerInvariant()) || IsMostly(p, email.Split('@')[0].ToLowerInvariant());
    }

    /// <summary>
    /// As it is, without the digits and signs at its ends, with letters put back for look-alikes, and as a repetition
    /// of such.
    /// </summary>
    static bool IsListed(string p) =>
        new[] { p, Core(p), Core(Unmask(p)), Unmask(Core(p)), Unmask(p) }
            .Any(form => Common.Contains(form) || Common.Contains(Period(form)));

    static string Core(string p) => p.Trim([.. p.Where(c => !char.IsLetter(c))]);

    static string Unmask(string p) => string.Create(p.Length, p, (letters, source) =>
    {
        for (var i = 0; i < letters.Length; i++)
            letters[i] = LookAlikes.GetValueOrDefault(source[i], source[i]);
    });

    /// <summary>"abcabc" gives "abc".</summary>
    static string Period(string p)
    {
        var at = p.Length == 0 ? -1 : (p + p).IndexOf(p, 1, StringComparison.Ordinal);
        return at > 0 ? p[..at] : p;
    }

    /// <summary>12345…, …54321, abcdef….</summary>
    static bool IsRun(string p) =>
        Enumerable.Range(1, p.Length - 1).Select(i => p[i] - p[i - 1]).GroupBy(step => step)
            .Any(g => g.Key is 0 or 1 or -1 && g.Count() > p.Length - MinOwnCharacters);

    static bool IsMostly(string p, string name) =>
        name.Length >= 3 && p.Contains(name, StringComparison.Ordinal)
        && p.Replace(name, "", StringComparison.Ordinal).Length < MinOwnCharacters;

    static FrozenSet<string> ReadCommon()
    {
        using var stream = typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();
    }
}
