namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>Lets each index through once; what is older than 64 packets not at all (RFC 3711, 3.3.2).</summary>
struct ReplayWindow
{
    const int Size = 64;
    long _highest;
    ulong _seen;

    /// <summary>To be asked only once the packet has proved to be genuine: the answer marks it.</summary>
    public bool Accept(long index)
    {
        if (_seen == 0 || index > _highest)
        {
            var ahead = _seen == 0 ? Size : index - _highest;
            _seen = (ahead >= Size ? 0 : _seen << (int)ahead) | 1;
            _highest = index;
            return true;
        }
        var behind = _highest - index;
        if (behind >= Size || (_seen & (1UL << (int)behind)) != 0)
            return false;
        _seen |= 1UL << (int)behind;
        return true;
    }
}
