using System.Globalization;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.CommandLine;

/// <summary>The kinds of values that flags take.</summary>
static class FlagValues
{
    public static Flag Text(string name, string help, Func<SidecarOptions, string, SidecarOptions> set) =>
        new(name, help, set);

    public static Flag Port(string name, string help, Func<SidecarOptions, int?, SidecarOptions> set) =>
        Parsed(name, help, "a port between 1 and 65535",
            v => v.Length == 0 ? (true, (int?)null) : (TryInt(v, out var p) && p is > 0 and <= 65535, p), set);

    public static Flag Int(string name, string help, Func<SidecarOptions, int, SidecarOptions> set) =>
        Parsed(name, help, "a whole number", v => (TryInt(v, out var i), i), set);

    /// <summary>A count of one or more.</summary>
    public static Flag Count(string name, string help, Func<SidecarOptions, int, SidecarOptions> set) =>
        Parsed(name, help, "a whole number above 0", v => (TryInt(v, out var i) && i > 0, i), set);

    public static Flag Bytes(string name, string help, Func<SidecarOptions, long, SidecarOptions> set) =>
        Parsed(name, help, "a size like 4Mi", v => (Quantity.TryParse(v, out var b), b), set);

    public static Flag Duration(string name, string help, Func<SidecarOptions, TimeSpan, SidecarOptions> set) =>
        Parsed(name, help, "a duration like 5s",
            v => (GoDuration.TryParse(v, TimeSpan.FromSeconds(1), out var d) && d >= TimeSpan.Zero, d), set);

    public static Flag Switch(string name, string help, Func<SidecarOptions, bool, SidecarOptions> set) =>
        Parsed(name, help, "true or false", v => (TryBool(v, out var b), b), set) with { IsSwitch = true };

    /// <summary>A flag of the runtime that has nothing to do here and does no harm.</summary>
    public static Flag Ignored(string name, string why) => new(name, $"Accepted without effect: {why}.", (o, _) => o);

    /// <summary>
    /// A flag that asks for what this sidecar does not have, unless it is given the one value that means no.
    /// </summary>
    public static Flag Refused(string name, string why, params string[] harmless)
    {
        var isSwitch = harmless.Contains("false");
        return new(name, $"Not here: {why}.", (o, v) => harmless.Contains(v) || (v.Length == 0 && !isSwitch)
            ? o : throw new ConfigurationException($"--{name} is not supported by this sidecar: {why}."), isSwitch);
    }

    static Flag Parsed<T>(
        string name, string help, string must, Func<string, (bool Ok, T Value)> parse,
        Func<SidecarOptions, T, SidecarOptions> set) =>
        new(name, help, (o, v) => parse(v) is (true, var value)
            ? set(o, value)
            : throw new ConfigurationException($"--{name} must be {must}, not '{v}'."));

    static bool TryInt(string v, out int i) =>
        int.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out i);

    static bool TryBool(string v, out bool b)
    {
        b = v is "" or "1" or "t" or "T" or "true" or "TRUE" or "True";
        return b || v is "0" or "f" or "F" or "false" or "FALSE" or "False";
    }
}
