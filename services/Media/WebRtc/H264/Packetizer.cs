using System.Buffers.Binary;

namespace CloudPhone.Media.WebRtc.H264;

/// <summary>
/// Cuts access units into RTP payloads (RFC 6184, packetization mode 1): a unit that fits is a payload, a longer one is
/// FU-A of equal size but the last, SPS and PPS are one STAP-A in front of each IDR picture.
/// </summary>
sealed class Packetizer(FramePool pool)
{
    /// <summary>
    /// With header, extension and tag 1200 bytes: passes every path that IPv6 allows, and tunnels through it.
    /// </summary>
    public const int MaxPayload = 1164;
    const byte StapA = 24, FuA = 28, ImportanceMask = 0x60, StartBit = 0x80, EndBit = 0x40;
    const int StapHeader = 1, StapLength = 2, FuHeader = 2;

    readonly ParameterSets _sets = new();

    /// <summary>Whether pictures can be decoded: SPS and PPS have come.</summary>
    public bool HasParameterSets => _sets.AreComplete;

    /// <param name="accessUnit">One picture in Annex B, parameter sets alone, or both.</param>
    /// <returns>Null: there is no picture in it. Else the caller holds it.</returns>
    public Frame? Cut(ReadOnlySpan<byte> accessUnit, TimeSpan time)
    {
        var (pictures, isKey) = (0, false);
        var rest = accessUnit;
        while (AnnexB.TryNext(ref rest, out var unit))
        {
            var kind = NalUnits.KindOf(unit);
            _sets.Offer(kind, unit);
            isKey |= kind == NalUnit.IdrSlice;
            pictures += IsPicture(kind) ? 1 : 0;
        }
        if (pictures == 0)
            return null;
        var frame = pool.Take(time, isKey);
        if (isKey)
            AppendSets(frame);
        rest = accessUnit;
        while (AnnexB.TryNext(ref rest, out var unit))
            if (IsPicture(NalUnits.KindOf(unit)))
                Append(frame, unit);
        return frame;
    }

    static bool IsPicture(NalUnit kind) => kind is >= NalUnit.Slice and <= NalUnit.IdrSlice;

    void AppendSets(Frame frame)
    {
        if (!_sets.AreComplete)
            return;
        var sps = _sets.Sps;
        var pps = _sets.Pps;
        var length = StapHeader + StapLength + sps.Length + StapLength + pps.Length;
        if (length > MaxPayload)
        {
            Append(frame, sps);
            Append(frame, pps);
            return;
        }
        var payload = frame.Append(length);
        payload[0] = (byte)(((sps[0] | pps[0]) & ImportanceMask) | StapA);
        BinaryPrimitives.WriteUInt16BigEndian(payload[StapHeader..], (ushort)sps.Length);
        sps.CopyTo(payload[(StapHeader + StapLength)..]);
        payload = payload[(StapHeader + StapLength + sps.Length)..];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)pps.Length);
        pps.CopyTo(payload[StapLength..]);
    }

    static void Append(Frame frame, ReadOnlySpan<byte> unit)
    {
        if (unit.Length <= MaxPayload)
        {
            unit.CopyTo(frame.Append(unit.Length));
            return;
        }
        var (indicator, kind) = ((byte)((unit[0] & ~0x1F) | FuA), (byte)(unit[0] & 0x1F));
        byte start = StartBit;
        for (var rest = unit[1..]; !rest.IsEmpty; start = 0)
        {
            var part = rest[..Math.Min(rest.Length, MaxPayload - FuHeader)];
            rest = rest[part.Length..];
            var payload = frame.Append(FuHeader + part.Length);
            payload[0] = indicator;
            payload[1] = (byte)(start | (rest.IsEmpty ? EndBit : 0) | kind);
            part.CopyTo(payload[FuHeader..]);
        }
    }
}
