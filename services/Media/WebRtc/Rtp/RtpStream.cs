using System.Security.Cryptography;
using CloudPhone.Media.WebRtc.H264;
using CloudPhone.Media.WebRtc.Srtp;

namespace CloudPhone.Media.WebRtc.Rtp;

/// <summary>What one viewer is sent: its own numbers around payloads that all viewers share.</summary>
/// <param name="payloadType">As the viewer calls H.264.</param>
/// <param name="extension">As the viewer calls playout-delay; 0: it does not know it.</param>
sealed class RtpStream(byte payloadType, int extension, RtpNumbers start)
{
    const int ClockRate = 90_000, MaxResentPerSecond = 2_000;

    /// <summary>After a picture that no other follows its last packet is sent again: a browser learns of a loss by what
    /// comes after it, and a screen that stands still would show what was before.</summary>
    static readonly TimeSpan FirstRepeat = TimeSpan.FromMilliseconds(60);
    const int MaxRepeats = 6;

    readonly SentFrames _sent = new();
    long _next = start.Sequence;
    TimeSpan _lastTime, _lastSent, _resentSince;
    int _resent, _repeated;

    public uint Ssrc => start.Ssrc;

    public uint Packets { get; private set; }

    /// <summary>Of payload, without headers.</summary>
    public long Bytes { get; private set; }

    public long Resent { get; private set; }

    public void Send(Frame frame, TimeSpan now, SrtpCipher cipher, RemoteAddress to, DatagramBatch output)
    {
        var timestamp = Timestamp(frame.Time);
        for (var i = 0; i < frame.Count; i++)
            Write(frame, i, _next + i, timestamp, cipher, to, output);
        _sent.Add(frame, _next, timestamp);
        _next += frame.Count;
        Packets += (uint)frame.Count;
        Bytes += frame.Bytes;
        (_lastTime, _lastSent, _repeated) = (frame.Time, now, 0);
    }

    /// <summary>To be called again and again: it waits twice as long each time, up to two seconds.</summary>
    public void RepeatLast(TimeSpan now, SrtpCipher cipher, RemoteAddress to, DatagramBatch output)
    {
        if (_repeated == MaxRepeats || now - _lastSent < FirstRepeat * (1 << _repeated)
            || !_sent.TryFind(_next - 1, out var last))
            return;
        Write(last.Frame, last.Frame.Count - 1, _next - 1, last.Timestamp, cipher, to, output);
        _repeated++;
    }

    /// <summary>The same packet once more, on the same SSRC: the viewer's replay window lets it in if it was
    /// lost.</summary>
    /// <returns>False: it is not there any more, or too much is asked for.</returns>
    public bool Resend(ushort sequence, TimeSpan now, SrtpCipher cipher, RemoteAddress to, DatagramBatch output)
    {
        if (now - _resentSince >= TimeSpan.FromSeconds(1))
            (_resentSince, _resent) = (now, 0);
        // the latest packet that has this number
        var latest = _next - 1;
        var index = latest - (ushort)((ushort)latest - sequence);
        if (_resent >= MaxResentPerSecond || !_sent.TryFind(index, out var entry))
            return false;
        Write(entry.Frame, (int)(index - entry.First), index, entry.Timestamp, cipher, to, output);
        _resent++;
        Resent++;
        return true;
    }

    /// <summary>The media's time at this moment, which goes on where the picture stands still.</summary>
    public uint TimestampAt(TimeSpan now) => Timestamp(_lastTime + (now - _lastSent));

    public void Clear() => _sent.Clear();

    void Write(
        Frame frame, int packet, long index, uint timestamp, SrtpCipher cipher, RemoteAddress to, DatagramBatch output)
    {
        var target = output.Reserve(to);
        var header = RtpHeader.Write(
            target, payloadType, packet == frame.Count - 1, (ushort)index, timestamp, start.Ssrc, extension);
        output.Commit(cipher.ProtectRtp(target, header, frame[packet], index));
    }

    uint Timestamp(TimeSpan time) =>
        unchecked(start.Timestamp + (uint)(time.Ticks * ClockRate / TimeSpan.TicksPerSecond));
}

/// <summary>Where the numbers of a stream begin.</summary>
/// <param name="Sequence">In the lower half: whoever comes late can't take it for one that has wrapped.</param>
readonly record struct RtpNumbers(uint Ssrc, ushort Sequence, uint Timestamp)
{
    public static RtpNumbers Random() => new(
        (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue), (ushort)RandomNumberGenerator.GetInt32(0x7FFF),
        (uint)RandomNumberGenerator.GetInt32(int.MaxValue));
}
