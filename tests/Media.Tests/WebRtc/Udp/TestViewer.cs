using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CloudPhone.Media.Tests.WebRtc.Sdp;
using CloudPhone.Media.Tests.WebRtc.Srtp;
using CloudPhone.Media.Tests.WebRtc.Stun;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Dtls;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Testing;
using Org.BouncyCastle.Tls;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

/// <summary>A browser in small: sockets of its own, checks, a handshake, and it opens what it is sent.</summary>
sealed class TestViewer : IDisposable
{
    readonly IPEndPoint _hub;
    readonly TestCertificate? _shown;
    readonly string _ufrag, _password;
    readonly byte[] _serverFingerprint;
    readonly DtlsChannel _channel;
    readonly List<Socket> _sockets = [];
    readonly List<Task> _readers = [];
    readonly ConcurrentQueue<byte[]> _media = new();
    DtlsTransport? _dtls;
    SrtpReader? _reader;
    SrtpSession? _reports;
    int _answers, _handshakeDatagrams;

    /// <param name="announced">In the offer.</param>
    /// <param name="shown">In the handshake; by default the same.</param>
    public TestViewer(
        UdpHub hub, TestCertificate announced, TestCertificate? shown, IPEndPoint candidate, object? owner)
        : this(hub.Add(TestOffer.Read(announced.Fingerprint), owner), hub.Answer, shown, candidate)
    {
    }

    /// <param name="answer">To its offer.</param>
    public TestViewer(Peer peer, Func<Peer, string> answer, TestCertificate? shown, IPEndPoint candidate)
    {
        (Peer, _hub, _shown) = (peer, candidate, shown);
        var lines = answer(peer).Split("\r\n");
        string Line(string start) => lines.Single(l => l.StartsWith(start, StringComparison.Ordinal))[start.Length..];
        (_ufrag, _password) = (Line("a=ice-ufrag:"), Line("a=ice-pwd:"));
        _serverFingerprint = Convert.FromHexString(
            Line("a=fingerprint:sha-256 ").Replace(":", "", StringComparison.Ordinal));
        _channel = new(d => Send(d));
        Move();
    }

    public Peer Peer { get; }

    public Socket Socket => _sockets[^1];

    public int Answers => Volatile.Read(ref _answers);

    public int HandshakeDatagrams => Volatile.Read(ref _handshakeDatagrams);

    /// <summary>Protected packets as they came, from the first.</summary>
    public IReadOnlyCollection<byte[]> Media => _media;

    /// <summary>The stream's, as the last packet says.</summary>
    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_media.Last().AsSpan(8));

    public SrtpProfile Profile { get; private set; }

    /// <summary>Which of the handshake's datagrams get lost on their way here, by their number.</summary>
    public Func<int, bool> Loses { get; init; } = _ => false;

    /// <summary>From now on by another address.</summary>
    public void Move()
    {
        var socket = new Socket(_hub.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(_hub.Address, 0));
        socket.ReceiveBufferSize = 4 << 20;
        _sockets.Add(socket);
        _readers.Add(Task.Run(() => ReadAsync(socket)));
    }

    public void Send(ReadOnlySpan<byte> datagram) => Socket.SendTo(datagram, _hub);

    public void Check(bool nominate = true, string? password = null) =>
        Send(TestRequest.Make($"{_ufrag}:{TestOffer.Ufrag}", password ?? _password, nominate));

    /// <summary>Checks, then shakes hands.</summary>
    /// <exception cref="IOException">The server refuses.</exception>
    public async Task ConnectAsync(params SrtpProfile[] profiles)
    {
        Check();
        await Wait.UntilAsync("the answer to the check", () => Answers > 0);
        var client = new TestDtlsClient(_shown, _serverFingerprint, profiles);
        _dtls = await Task.Run(() => new DtlsClientProtocol().Connect(client, _channel));
        Profile = client.Profile;
        var (own, server) = SrtpKeys.Split(Profile, client.Material);
        (_reader, _reports) = (new(server), new(Profile, own, server));
        await Wait.UntilAsync("that it can be sent to", () => Peer.IsPlaying);
    }

    /// <summary>Says the first word of a handshake, and no more.</summary>
    public void BeginHandshake()
    {
        var closed = new DtlsChannel(d => Send(d));
        closed.Close(); // whoever waits for an answer is told that none will come
        Assert.ThrowsAny<IOException>(() => new DtlsClientProtocol().Connect(
            new TestDtlsClient(_shown, _serverFingerprint, SrtpProfile.AeadAes128Gcm), closed));
    }

    public void Report(byte[] report)
    {
        var packet = new byte[DatagramBatch.MaxDatagram];
        report.CopyTo(packet, 0);
        Send(packet.AsSpan(0, _reports!.ProtectRtcp(packet, report.Length)));
    }

    /// <summary>Says that it goes.</summary>
    public void Leave() => _dtls!.Close();

    /// <summary>Another one than those that have come.</summary>
    public Task SeesPacketAsync()
    {
        var seen = _media.Count;
        return Wait.UntilAsync("a packet", () => _media.Count > seen);
    }

    /// <summary>The payload of a packet.</summary>
    public byte[] Open(byte[] packet) => _reader!.Open(packet, (packet[2] << 8) | packet[3])
        ?? throw new InvalidOperationException("It is not genuine.");

    async Task ReadAsync(Socket socket)
    {
        var buffer = new byte[2048];
        while (true)
        {
            int length;
            try
            {
                length = (await socket.ReceiveFromAsync(buffer, new IPEndPoint(_hub.Address, 0))).ReceivedBytes;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            var datagram = buffer.AsSpan(0, length);
            switch (PacketKinds.Of(datagram))
            {
                case PacketKind.Stun:
                    Interlocked.Increment(ref _answers);
                    break;
                case PacketKind.Dtls when !Loses(Interlocked.Increment(ref _handshakeDatagrams)):
                    _channel.Offer(datagram);
                    break;
                case PacketKind.Rtp when _media.LastOrDefault() is { } last && datagram.SequenceEqual(last):
                    break; // a last packet that was repeated
                case PacketKind.Rtp:
                    _media.Enqueue(datagram.ToArray());
                    break;
            }
        }
    }

    public void Dispose()
    {
        _channel.Close();
        foreach (var socket in _sockets)
            socket.Dispose();
        Task.WaitAll([.. _readers]);
        _reader?.Dispose();
        _reports?.Dispose();
    }
}
