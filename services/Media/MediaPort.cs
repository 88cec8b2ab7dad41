using System.Net.Sockets;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Media;

static class MediaPort
{
    /// <exception cref="SettingException">The port is taken.</exception>
    public static UdpHub Open(MediaOptions options, TimeProvider clock)
    {
        try
        {
            return new(new(options.UdpPort, options.Addresses, options.AdvertisedPort), clock);
        }
        catch (SocketException e)
        {
            throw new SettingException(
                $"Set MEDIA_UDP_PORT to a port that is free: {options.UdpPort} can't be opened ({e.Message}).");
        }
    }
}
