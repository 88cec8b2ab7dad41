using CloudPhone.Shared.Hosting;

namespace CloudPhone.Media;

/// <param name="Urls">As a browser takes them: turn:relay.example.org:3478?transport=tcp.</param>
/// <param name="Secret">coturn's static-auth-secret.</param>
/// <param name="Life">How long a browser's credentials are good.</param>
sealed record TurnOptions(IReadOnlyList<string> Urls, string Secret, TimeSpan Life)
{
    const int DefaultLife = 12 * 3600;

    /// <exception cref="SettingException">One of them is missing or wrong.</exception>
    public static TurnOptions? From(IConfiguration configuration)
    {
        if (configuration["TURN_URLS"] is not { Length: > 0 } text)
            return null;
        var urls = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.FirstOrDefault(u => !u.StartsWith("turn:", StringComparison.Ordinal)
            && !u.StartsWith("turns:", StringComparison.Ordinal)) is { } wrong)
            throw new SettingException($"Set TURN_URLS to addresses like turn:relay.example.org:3478, not '{wrong}'.");
        return new(urls, configuration.Required("TURN_SECRET", "the relay's static-auth-secret"),
            TimeSpan.FromSeconds(configuration.Number("TURN_CREDENTIAL_SECONDS", DefaultLife, 60, 7 * 86400)));
    }
}
