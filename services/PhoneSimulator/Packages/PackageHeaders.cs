using System.Globalization;
using CloudPhone.PhoneSimulator.Control;

namespace CloudPhone.PhoneSimulator.Packages;

/// <summary>What an installation says about the APK in its body.</summary>
/// <param name="Sha256">Hex; null: not checked.</param>
sealed record PackageHeaders(string Name, string Version, long VersionCode, string? Sha256)
{
    /// <summary>As the app service takes them.</summary>
    const int MaxLength = 223;

    /// <returns>Null where a header is missing or no package could be named so.</returns>
    public static PackageHeaders? Read(ControlRequest request) =>
        request["X-Package-Name"] is { } name && IsName(name)
        && Uri.UnescapeDataString(request["X-Package-Version"] ?? "") is { Length: > 0 and <= MaxLength } version
        && !version.Any(char.IsControl)
        && long.TryParse(request["X-Package-Version-Code"], NumberStyles.None, CultureInfo.InvariantCulture,
            out var code)
            ? new(name, version, code, request["X-Package-Sha256"]) : null;

    static bool IsName(string name) =>
        name.Length is > 0 and <= MaxLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_');
}
