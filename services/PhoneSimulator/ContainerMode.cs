using System.Globalization;
using System.Net;

namespace CloudPhone.PhoneSimulator;

/// <summary>
/// The phone as a container of its own, started as a redroid container is: <c>--container</c> is the image's entry
/// point, what follows are arguments of the boot. It lives until it is stopped, and is reached from the container's
/// network.
/// </summary>
/// <param name="Identity">Written into the data folder at the first start.</param>
sealed record ContainerMode(PhoneIdentity Identity)
{
    public const string Argument = "--container", Folder = "/data";
    const string BootPrefix = "androidboot.", Width = "androidboot.redroid_width",
        Height = "androidboot.redroid_height", Density = "androidboot.redroid_dpi";
    const int MinToken = 16;

    /// <summary>As on redroid.</summary>
    public static readonly IPEndPoint Adb = new(IPAddress.Any, 5555);
    public static readonly IPEndPoint Control = new(IPAddress.Any, 5556);

    /// <exception cref="PhoneException">PHONE_ID or PHONE_TOKEN is wrong.</exception>
    public static ContainerMode Read(Func<string, string?> variable)
    {
        if (!Guid.TryParse(variable("PHONE_ID"), out var id) || id == Guid.Empty)
            throw new PhoneException("Set PHONE_ID to the phone's id, a UUID.");
        return variable("PHONE_TOKEN") is { Length: >= MinToken } token ? new(new PhoneIdentity(id, token))
            : throw new PhoneException($"Set PHONE_TOKEN to at least {MinToken} characters.");
    }

    /// <summary>The screen that the boot arguments ask for; what else redroid knows is accepted and means nothing
    /// here.</summary>
    /// <returns>As PHONE_SCREEN has it; null where they ask for none.</returns>
    /// <exception cref="PhoneException">One is no boot argument.</exception>
    public static string? Screen(IReadOnlyList<string> arguments)
    {
        var values = Values(arguments);
        return values.TryGetValue(Width, out var width) && values.TryGetValue(Height, out var height)
            ? string.Create(CultureInfo.InvariantCulture, $"{width}x{height}") : null;
    }

    /// <inheritdoc cref="Screen"/>
    public static string? Dpi(IReadOnlyList<string> arguments) => Values(arguments).GetValueOrDefault(Density);

    static Dictionary<string, string> Values(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>();
        foreach (var argument in arguments)
            if (argument.Split('=', 2) is [var name, var value]
                && (name.StartsWith(BootPrefix, StringComparison.Ordinal)
                    || name.StartsWith("ro.", StringComparison.Ordinal)))
                values[name] = value;
            else
                throw new PhoneException($"'{argument}' is no argument of a boot, like {Width}=720.");
        return values;
    }
}
