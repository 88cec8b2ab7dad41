using System.Net;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Media;

/// <param name="UdpPort">The one port for the pictures of all sessions; 0: any that is free.</param>
/// <param name="Addresses">Where browsers reach that port: this machine's, or those of what forwards it here.</param>
/// <param name="AdvertisedPort">The port there.</param>
/// <param name="Turn">A relay for browsers that reach nobody by UDP; null: there is none.</param>
sealed record MediaOptions(int UdpPort, IReadOnlyList<IPAddress> Addresses, int AdvertisedPort, TurnOptions? Turn)
{
    const int MaxAddresses = 8;

    /// <exception cref="SettingException">One of them is missing or wrong.</exception>
    public static MediaOptions From(IConfiguration configuration)
    {
        var port = configuration.Number("MEDIA_UDP_PORT", 30017, 0, ushort.MaxValue);
        IPAddress[] addresses = [.. (configuration["MEDIA_ADDRESSES"] is { Length: > 0 } a ? a : "127.0.0.1")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Address)];
        if (addresses.Length is 0 or > MaxAddresses)
            throw new SettingException($"Set MEDIA_ADDRESSES to one to {MaxAddresses} addresses.");
        var advertised = configuration.Number("MEDIA_ADVERTISED_PORT", port, 0, ushort.MaxValue);
        return new(port, addresses, advertised, TurnOptions.From(configuration));
    }

    static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? address
            : throw new SettingException(
                $"Set MEDIA_ADDRESSES to addresses like 203.0.113.5,2001:db8::5 that browsers reach, not '{text}'.");
}
