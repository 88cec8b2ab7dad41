using System.Net.Mail;

namespace CloudPhone.Users.Accounts;

/// <summary>What a user name, an e-mail address and a language may be.</summary>
static class AccountRules
{
    public const string UsernameRule = "username has 3 to 50 letters, digits, dots, hyphens and underscores.";
    public const string EmailRule = "email is an address like anna@example.com.";
    public const string LanguageRule = "language is zh-CN or en.";
    public const string English = "en";
    public const string Chinese = "zh-CN";
    const int MaxEmailLength = 254;

    public static bool IsUsername(string name) =>
        name is { Length: >= 3 and <= 50 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>One plain address: no display name, no quotes or comments, a domain with a dot.</summary>
    public static bool IsEmail(string email) =>
        email is { Length: > 0 and <= MaxEmailLength }
        && email.All(c => char.IsAscii(c) && !char.IsControl(c) && c is not (' ' or '"' or '(' or ','))
        && MailAddress.TryCreate(email, out var address) && address.Address == email
        && address.Host.Split('.') is { Length: >= 2 } labels
        && labels.All(l => l.Length > 0 && l[0] != '-' && l[^1] != '-'
            && l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    public static bool IsLanguage(string? language) => language is null or English or Chinese;

    /// <summary>User names and addresses are compared without letter case.</summary>
    public static string Normalize(string name) => name.ToLowerInvariant();

    /// <summary>The language that the caller likes best among ours; English if none.</summary>
    public static string LanguageOf(HttpRequest request) =>
        request.GetTypedHeaders().AcceptLanguage.Where(l => l.Quality is null or > 0)
            .OrderByDescending(l => l.Quality ?? 1)
            .Select(l => Ours(l.Value.ToString())).FirstOrDefault(l => l is not null) ?? English;

    static string? Ours(string tag) =>
        tag.Split('-')[0].ToLowerInvariant() switch { "zh" => Chinese, "en" => English, _ => null };
}
