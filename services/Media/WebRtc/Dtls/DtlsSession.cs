using Org.BouncyCastle.Tls;

namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// One peer's handshake and what comes after it: the browser repeats its last flight where it missed ours, and says
/// when it goes. Begins with the first datagram; until then it costs nothing.
/// </summary>
/// <param name="timeLimit">For the handshake.</param>
/// <param name="owner">Whose handshakes share a few threads; null: nobody's.</param>
/// <param name="send">Called by threads of the pool.</param>
/// <param name="ended">Once: with the keys, or with null where the handshake failed or the browser has gone.</param>
sealed class DtlsSession(
    HandshakePool pool, DtlsCertificate certificate, byte[] fingerprint, TimeSpan timeLimit,
    object? owner, Action<ReadOnlySpan<byte>> send, Action<Srtp.SrtpSession?> ended)
{
    const int ClientHello = 1, HandshakeRecord = 22, MessageTypeAt = 13;

    readonly DtlsChannel _channel = new(send);
    DtlsServer? _server;
    DtlsTransport? _transport;
    int _isAtWork;

    public void Feed(ReadOnlySpan<byte> datagram)
    {
        if (_transport is null && _isAtWork == 0 && !Begins(datagram))
            return;
        _channel.Offer(datagram);
        Work();
    }

    /// <summary>Says goodbye, and lets the thread go that may wait here.</summary>
    public void Close()
    {
        _channel.Close();
        if (Interlocked.CompareExchange(ref _isAtWork, 1, 0) == 0)
            SayGoodbye();
    }

    void SayGoodbye()
    {
        try
        {
            _transport?.Close(); // the library sends its alert past the closed queue
        }
        catch (IOException)
        {
            // it has failed before: the browser hears nothing more from here
        }
    }

    void Work()
    {
        // full: the browser repeats what it said, and this comes here again
        if (Interlocked.CompareExchange(ref _isAtWork, 1, 0) == 0
            && !pool.TryRun(Run, _transport is null ? owner : null, _transport is null ? _channel.GiveUp : null))
            Volatile.Write(ref _isAtWork, 0);
    }

    void Run()
    {
        try
        {
            if (_transport is null)
                Shake();
            Read();
        }
        catch (Exception) // whatever a stranger's message makes the library throw ends this session, not the process
        {
            _channel.Close();
            ended(null);
            return; // stays at work: there is nothing more to do
        }
        Volatile.Write(ref _isAtWork, 0);
        if (_channel.HasWaiting)
            Work();
    }

    /// <summary>No verifier of cookies before it: browsers' first flight is two datagrams, which it can't put together,
    /// and the address has proved itself by ICE.</summary>
    void Shake()
    {
        _server = new(new DtlsCrypto(), certificate, fingerprint, timeLimit);
        _transport = new DtlsServerProtocol().Accept(_server, _channel);
        ended(_server.Session);
    }

    void Read()
    {
        Span<byte> nothing = stackalloc byte[DatagramBatch.MaxDatagram];
        while (_channel.HasWaiting && !_server!.IsOver)
            _transport!.Receive(nothing, 1);
        if (_server!.IsOver)
            throw new EndOfStreamException("The browser has gone.");
    }

    static bool Begins(ReadOnlySpan<byte> datagram) => datagram.Length > MessageTypeAt
        && datagram[0] == HandshakeRecord && datagram[MessageTypeAt] == ClientHello;
}
