namespace CloudPhone.Media.WebRtc.H264;

/// <summary>The latest SPS and PPS: encoders send them once, viewers that come later need them all the same.</summary>
sealed class ParameterSets
{
    byte[] _sps = [], _pps = [];

    public ReadOnlySpan<byte> Sps => _sps;

    public ReadOnlySpan<byte> Pps => _pps;

    public bool AreComplete => _sps.Length > 0 && _pps.Length > 0;

    public void Offer(NalUnit kind, ReadOnlySpan<byte> unit)
    {
        // encoders repeat them; only a change allocates
        if (kind == NalUnit.Sps && !unit.SequenceEqual(_sps))
            _sps = unit.ToArray();
        else if (kind == NalUnit.Pps && !unit.SequenceEqual(_pps))
            _pps = unit.ToArray();
    }
}
