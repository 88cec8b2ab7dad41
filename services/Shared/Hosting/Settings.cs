using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Shared.Hosting;

/// <summary>
/// Reads settings by the names of the environment variables, and says in one sentence what is wrong with one.
/// </summary>
public static class Settings
{
    /// <exception cref="SettingException">It is missing or empty.</exception>
    public static string Required(this IConfiguration configuration, string name, string what) =>
        configuration[name] is { Length: > 0 } value ? value : throw new SettingException($"Set {name} to {what}.");

    /// <summary>true or false; anything else is refused.</summary>
    public static bool Flag(this IConfiguration configuration, string name, bool fallback) =>
        configuration[name] switch
        {
            null or "" => fallback,
            var v when bool.TryParse(v, out var flag) => flag,
            var v => throw new SettingException($"Set {name} to true or false, not '{v}'."),
        };

    /// <summary>A whole number within the bounds, both included.</summary>
    public static int Number(this IConfiguration configuration, string name, int fallback, int min, int max) =>
        configuration[name] switch
        {
            null or "" => fallback,
            var v when int.TryParse(v, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max => n,
            var v => throw new SettingException($"Set {name} to a whole number from {min} to {max}, not '{v}'."),
        };

    /// <summary>An amount with a decimal point, zero or more.</summary>
    public static decimal Amount(this IConfiguration configuration, string name, decimal fallback) =>
        configuration[name] switch
        {
            null or "" => fallback,
            var v when decimal.TryParse(
                v, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n) => n,
            var v => throw new SettingException($"Set {name} to an amount like 0.50, not '{v}'."),
        };

    /// <summary>An absolute http or https address.</summary>
    public static Uri? Address(this IConfiguration configuration, string name) =>
        configuration[name] switch
        {
            null or "" => null,
            var v when Uri.TryCreate(v, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" => uri,
            var v => throw new SettingException($"Set {name} to an address like http://localhost:30001, not '{v}'."),
        };
}
