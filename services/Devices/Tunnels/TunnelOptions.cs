using System.Globalization;
using System.Net;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Devices.Tunnels;

/// <summary>Where users' own adb reaches their phones.</summary>
/// <param name="Address">That is listened on.</param>
/// <param name="Host">What users are told to connect to.</param>
/// <param name="FirstPort">Each tunnel has a port of its own, from this one on.</param>
sealed record TunnelOptions(IPAddress Address, string Host, int FirstPort, int LastPort)
{
    const string Example = "Set ADB_TUNNEL_PORTS to a range like 30100-30199";

    /// <returns>Null where ADB_TUNNEL_PORTS is not set: there are no tunnels then.</returns>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static TunnelOptions? Read(IConfiguration configuration)
    {
        if (configuration["ADB_TUNNEL_PORTS"] is not { Length: > 0 } ports)
            return null;
        if (ports.Split('-') is not [var from, var to] || Port(from) is not { } first || Port(to) is not { } last
            || first > last)
            throw new SettingException($"{Example}, not '{ports}'.");
        var text = configuration["ADB_TUNNEL_ADDRESS"] is { Length: > 0 } own ? own : "127.0.0.1";
        if (!IPAddress.TryParse(text, out var address))
            throw new SettingException($"Set ADB_TUNNEL_ADDRESS to an address of this machine, not '{text}'.");
        var host = configuration["ADB_TUNNEL_HOST"] is { Length: > 0 } name ? name : null;
        if (host is null && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            throw new SettingException("Set ADB_TUNNEL_HOST to the name by which users reach ADB_TUNNEL_ADDRESS.");
        if (host is not null && Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw new SettingException($"Set ADB_TUNNEL_HOST to a name or an address, not '{host}'.");
        return new(address, host ?? text, first, last);
    }

    static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port : null;
}
