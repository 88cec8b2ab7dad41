using CloudPhone.PhoneSimulator.Adb;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>What goes over the wire, by hand: rules of the protocol, and peers that break them.</summary>
public sealed class AdbWireTests
{
    [Fact]
    public async Task Streams_are_opened_written_acknowledged_and_closed()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var peer = AdbPeer.Connected(phone.AdbPort);
        var (cat, echo) = (peer.Open(7, "shell:cat"), peer.Open(8, "shell:echo a"));
        Assert.Equal((AdbCommand.Write, echo, 8u, "a\n"), peer.Read());
        peer.Send(AdbCommand.Okay, 8, echo);
        Assert.Equal((AdbCommand.Close, echo, 8u, ""), peer.Read());
        peer.Send(AdbCommand.Write, 7, cat, "hello");
        var answers = new[] { peer.Read()!.Value, peer.Read()!.Value };
        Assert.Contains((AdbCommand.Okay, cat, 7u, ""), answers);
        Assert.Contains((AdbCommand.Write, cat, 7u, "hello"), answers);
        peer.Send(AdbCommand.Close, 7, cat);
        peer.Send(AdbCommand.Open, 9, 0, "nothing:\0");
        Assert.Equal((AdbCommand.Close, 0u, 9u, ""), peer.Read());
        peer.Send(AdbCommand.Open, 9, 1 << 20, "shell:echo window\0"); // a window that was not agreed on
        Assert.Equal((AdbCommand.Close, 0u, 9u, ""), peer.Read());
    }

    [Fact]
    public async Task The_phone_waits_for_acknowledgements_of_each_stream_and_sends_no_more_than_the_peer_takes()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var peer = AdbPeer.Connected(phone.AdbPort, max: 300);
        var text = new string('x', 200) + new string('y', 200);
        var id = peer.Open(1, $"shell:echo {text}");
        Assert.Equal((AdbCommand.Write, id, 1u, text[..300]), peer.Read());
        // nothing of this stream comes meanwhile, but another one goes on
        var other = peer.Open(2, "shell:echo b");
        Assert.Equal((AdbCommand.Write, other, 2u, "b\n"), peer.Read());
        peer.Send(AdbCommand.Okay, 1, id);
        // each stream has its order, and none has one with the other
        var answers = new[] { peer.Read()!.Value, peer.Read()!.Value, peer.Read()!.Value }.ToLookup(p => p.Item3);
        Assert.Equal([(AdbCommand.Close, other, 2u, "")], answers[2]);
        Assert.Equal(
            [(AdbCommand.Write, id, 1u, text[300..] + "\n"), (AdbCommand.Close, id, 1u, "")], answers[1]);
    }

    [Fact]
    public async Task Old_peers_get_and_send_checksums()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var peer = AdbPeer.Connected(phone.AdbPort, version: 0x01000000);
        peer.Open(1, "shell:true");
        Assert.Equal(AdbCommand.Close, peer.Read()!.Value.Command);
        var packet = AdbPeer.Packet(AdbCommand.Open, 2, 0, "shell:true\0");
        packet[16]++;
        peer.Send(packet);
        Assert.Null(peer.Read());
    }

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "no ADB", "GET / HTTP/1.1\r\nHost: phone\r\n\r\n"u8.ToArray() },
        { "wrong magic", Changed(AdbPeer.Packet(AdbCommand.Open, 1, 0, "shell:\0"), 20) },
        { "too long", Changed(AdbPeer.Packet(AdbCommand.Open, 1, 0, "shell:\0"), 15) },
        { "unknown command", Changed(Changed(AdbPeer.Packet(AdbCommand.Open, 1, 0, "x\0"), 0), 20) },
        { "twice connected", AdbPeer.Packet(AdbCommand.Connect, 0x01000001, 4096, "host::") },
        { "no id", AdbPeer.Packet(AdbCommand.Open, 0, 0, "shell:true\0") },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_peer_that_breaks_the_protocol_is_dropped_and_harms_nobody_else(string what, byte[] bytes)
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var good = AdbPeer.Connected(phone.AdbPort);
        using var peer = AdbPeer.Connected(phone.AdbPort);
        peer.Send(bytes);
        Assert.True(peer.Read() is null, what);
        using (var unknown = new AdbPeer(phone.AdbPort))
        {
            if (what != "twice connected")
            {
                unknown.Send(bytes);
                Assert.True(unknown.Read() is null, what);
            }
        }
        good.Open(1, "shell:true");
        Assert.False(File.Exists(Path.Combine(phone.Folder, "phone.log")));
    }

    [Fact]
    public async Task A_peer_that_does_not_wait_for_its_acknowledgement_is_dropped()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var peer = AdbPeer.Connected(phone.AdbPort);
        var id = peer.Open(1, "shell:sleep 60");
        peer.Send(AdbCommand.Write, 1, id, "a");
        peer.Send(AdbCommand.Write, 1, id, "b");
        while (peer.Read() is { } packet) // that its stream is closed may still be said
            Assert.Equal((AdbCommand.Close, id, 1u, ""), packet);
    }

    [Fact]
    public async Task What_is_for_no_stream_is_nobodys_and_streams_are_limited()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var peer = AdbPeer.Connected(phone.AdbPort);
        peer.Send(AdbCommand.Write, 5, 5, "x");
        peer.Send(AdbCommand.Okay, 5, 5);
        peer.Send(AdbCommand.Close, 5, 5);
        for (var i = 1u; i <= 32; i++)
            peer.Open(i, "shell:sleep 60");
        peer.Send(AdbCommand.Open, 33, 0, "shell:true\0");
        Assert.Equal((AdbCommand.Close, 0u, 33u, ""), peer.Read());
    }

    static byte[] Changed(byte[] packet, int at)
    {
        packet[at] ^= 0xff;
        return packet;
    }
}
