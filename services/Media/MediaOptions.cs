using System.Net;
using CloudPhone.Scrcpy;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Media;

/// <param name="UdpPort">The one port for the pictures of all sessions; 0: any that is free.</param>
/// <param name="Addresses">Where browsers reach that port: this machine's, or those of what forwards it here.</param>
/// <param name="AdvertisedPort">The port there.</param>
/// <param name="Turn">A relay for browsers that reach nobody by UDP; null: there is none.</param>
/// <param name="SessionsPerUser">At once; guests of one share count together.</param>
/// <param name="Scrcpy">How phones' screens are wanted.</param>
/// <param name="ScrcpyServer">What is run on phones for them.</param>
sealed record MediaOptions(
    int UdpPort, IReadOnlyList<IPAddress> Addresses, int AdvertisedPort, TurnOptions? Turn, int SessionsPerUser,
    ScrcpyOptions Scrcpy, ScrcpyServerFile ScrcpyServer)
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
        var scrcpy = new ScrcpyOptions
        {
            MaxSize = configuration.Number("MEDIA_MAX_SIZE", 1280, 320, 4096),
            MaxFps = configuration.Number("MEDIA_MAX_FPS", 30, 1, 60),
            BitRate = 1000 * configuration.Number("MEDIA_KILOBITS", 4000, 100, 50_000),
        };
        return new(port, addresses, advertised, TurnOptions.From(configuration),
            configuration.Number("MEDIA_SESSIONS_PER_USER", 10, 1, 1000), scrcpy, Server(configuration));
    }

    static ScrcpyServerFile Server(IConfiguration configuration)
    {
        const string Setting = "SCRCPY_SERVER_FILE";
        try
        {
            return ScrcpyServerFile.Read(configuration[Setting]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new SettingException(
                $"Set {Setting} to scrcpy's server of version {CloudPhone.Scrcpy.ScrcpyServer.Version}: {e.Message}");
        }
    }

    static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any)
            && !address.Equals(IPAddress.IPv6Any)
            ? address
            : throw new SettingException(
                $"Set MEDIA_ADDRESSES to addresses like 203.0.113.5,2001:db8::5 that browsers reach, not '{text}'.");
}
