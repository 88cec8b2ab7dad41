using CloudPhone.Media.Tests.WebRtc.H264;
using CloudPhone.Media.Tests.WebRtc.Rtcp;
using CloudPhone.Media.Tests.WebRtc.Srtp;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Srtp;

namespace CloudPhone.Media.Tests.WebRtc.Simulated;

/// <summary>
/// What a browser does with what it gets: it finds out each packet's place, asks again and again for what is missing,
/// and shows pictures whole and in their order.
/// </summary>
sealed class SimulatedViewer(SrtpSession reports, SrtpReader reader, uint ssrc, long first, Action<TimeSpan> shown)
{
    const int MaxNacks = 20;
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5), AskAgain = TimeSpan.FromMilliseconds(50);

    readonly SortedDictionary<long, TimeSpan> _missing = [];
    readonly Dictionary<long, (byte[] Payload, bool IsLast)> _waiting = [];
    Depacketizer _units = new();
    long _highest = first - 1, _next = first;

    public long Packets { get; private set; }

    public long Doubles { get; private set; }

    public long Asked { get; private set; }

    public uint LastTimestamp { get; private set; }

    /// <summary>The NAL units of the last picture.</summary>
    public List<byte[]> Picture { get; private set; } = [];

    public void Receive(byte[] packet, TimeSpan now)
    {
        if (PacketKinds.Of(packet) != PacketKind.Rtp)
            return;
        // the place that is nearest to the latest (RFC 3711, 3.3.1)
        var index = _highest + (short)(ushort)(((packet[2] << 8) | packet[3]) - _highest);
        if (index < _next || _waiting.ContainsKey(index))
        {
            Doubles++;
            return;
        }
        _waiting[index] = (reader.Open(packet, index) ?? throw new InvalidOperationException($"{index} is not genuine"),
            (packet[1] & 0x80) != 0);
        LastTimestamp = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4));
        Packets++;
        _missing.Remove(index);
        while (++_highest < index)
            _missing[_highest] = now - AskAgain + Patience;
        _highest = Math.Max(_highest - 1, index);
        Show(now);
    }

    /// <summary>What it says now.</summary>
    public void Report(TimeSpan now, Action<ReadOnlySpan<byte>> send)
    {
        var due = _missing.Where(m => now - m.Value >= AskAgain).Take(MaxNacks).Select(m => m.Key).ToList();
        if (due.Count == 0)
            return;
        foreach (var index in due)
            _missing[index] = now;
        Asked += due.Count;
        Send(TestReports.Nack(ssrc, due.Select(i => (ushort)i)), send);
    }

    public void Send(byte[] report, Action<ReadOnlySpan<byte>> send)
    {
        var packet = new byte[DatagramBatch.MaxDatagram];
        report.CopyTo(packet, 0);
        send(packet.AsSpan(0, reports.ProtectRtcp(packet, report.Length)));
    }

    void Show(TimeSpan now)
    {
        while (_waiting.Remove(_next, out var packet))
        {
            _next++;
            _units.Add(packet.Payload);
            if (!packet.IsLast)
                continue;
            (Picture, _units) = (_units.Units, new());
            shown(now);
        }
    }
}
