using System.Net;
using System.Net.Sockets;

namespace CloudPhone.Media.WebRtc.Udp;

/// <param name="Port">Of all peers; 0: any that is free.</param>
/// <param name="Addresses">Where browsers reach it, the best first; IPv6 ones open a second socket.</param>
/// <param name="AdvertisedPort">The port there; 0: the same.</param>
sealed record HubOptions(int Port, IReadOnlyList<IPAddress> Addresses, int AdvertisedPort = 0)
{
    /// <summary>Handshakes at a time.</summary>
    public int HandshakeThreads { get; init; } = 32;

    /// <summary>Whoever begins one and falls silent holds a thread for so long.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Runs of datagrams in one call, where the kernel does it.</summary>
    public bool Segments { get; init; } = true;

    /// <summary>What else is to be set on the sockets.</summary>
    public Action<Socket>? Configure { get; init; }

    /// <summary>The address to listen on, of each family; by default all.</summary>
    public IPAddress Local { get; init; } = IPAddress.Any;

    public IPAddress LocalV6 { get; init; } = IPAddress.IPv6Any;
}
