namespace CloudPhone.Media.Tests.WebRtc.Udp;

/// <summary>Tests with real sockets, one after the other: some count the threads.</summary>
[CollectionDefinition(nameof(UdpHubs))]
public sealed class UdpHubs;
