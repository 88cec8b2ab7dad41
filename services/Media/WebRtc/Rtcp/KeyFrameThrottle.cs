namespace CloudPhone.Media.WebRtc.Rtcp;

/// <summary>
/// Key frames are dear, and one serves all viewers: the encoder is asked for one at most so often, however many ask.
/// A wish that comes too early is kept until its time.
/// </summary>
sealed class KeyFrameThrottle(TimeSpan pause)
{
    TimeSpan? _asked;
    bool _isWanted;

    public void Want() => _isWanted = true;

    /// <summary>One came, by whatever cause: who waited has it.</summary>
    public void OnKeyFrame() => _isWanted = false;

    /// <returns>The encoder is to be asked now.</returns>
    public bool IsDue(TimeSpan now)
    {
        if (!_isWanted || now - _asked < pause)
            return false;
        (_asked, _isWanted) = (now, false);
        return true;
    }
}
