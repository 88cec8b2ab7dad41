namespace CloudPhone.Media.Screens;

/// <summary>
/// How many bits a second a phone's encoder is to make: fewer while one of the viewers can't take what it makes, and
/// more again, step by step, after calm. A machine without clocks. An encoder can't change its rate while it runs, so a
/// change costs all viewers a key frame: there is none without need, and a step up that did not last is tried later
/// each time.
/// </summary>
/// <param name="most">Bits a second; the first step.</param>
sealed class RateSteps(int most)
{
    /// <summary>Between two changes, or tries of one: after each that failed twice as long, up to
    /// <see cref="MaxFailures"/>.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(4);
    /// <summary>Input waits for so long at most while the phone changes; after failures longer, as the pauses
    /// are.</summary>
    public static readonly TimeSpan ShortPatience = TimeSpan.FromMilliseconds(200);
    const int MaxFailures = 4, MaxPatience = 2;
    /// <summary>For so long a way must be full: a burst that makes a viewer late is over by then.</summary>
    public static readonly TimeSpan Confirmed = TimeSpan.FromSeconds(2);
    /// <summary>Without a full way, until the next step up; twice as long after each that did not last.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(15), MaxCalm = TimeSpan.FromMinutes(4);
    /// <summary>A step up that stands so long has lasted.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Window = TimeSpan.FromSeconds(3);
    const int LeastStep = 200_000;
    static readonly double[] Shares = [0.625, 0.375, 0.2];

    readonly int[] _steps = StepsOf(most);
    readonly Queue<(TimeSpan At, long Bits)> _made = new();
    int _step, _failures;
    TimeSpan? _fullSince, _raisedAt;
    TimeSpan _calmSince, _triedAt = -Pause, _calm = Calm;

    /// <summary>Bits a second, as wanted now.</summary>
    public int Rate => _steps[_step];

    /// <summary>The lowest, bits a second.</summary>
    public int Least => _steps[^1];

    /// <summary>For so long the next try may hold up what viewers do.</summary>
    public TimeSpan Patience => ShortPatience * (1 << Math.Min(_failures, MaxPatience));

    /// <summary>To be called about once a second.</summary>
    /// <param name="made">What the encoder has made since the last call, in bytes. An estimate below the rate says
    /// nothing of a screen that hardly moves.</param>
    /// <param name="room">What the slowest viewer's way takes, in bits a second; null: no way is full.</param>
    /// <returns>The rate that it should be, where it is another.</returns>
    public int? Due(long made, long? room, TimeSpan now)
    {
        var isFull = room < Average(made, now);
        _fullSince = isFull ? _fullSince ?? now : null;
        if (isFull)
            _calmSince = now;
        if (now - _raisedAt >= Lasting)
            (_raisedAt, _calm) = (null, Calm);
        if (now - _triedAt < Pause * (1 << _failures))
            return null;
        var step = isFull ? now - _fullSince >= Confirmed ? Lower(room!.Value) : _step : Higher(room, now);
        return step == _step ? null : _steps[step];
    }

    /// <summary>The encoder makes so many from now on.</summary>
    public void Changed(int rate, TimeSpan now)
    {
        var step = Array.IndexOf(_steps, rate);
        if (step > _step && _raisedAt is not null)
            _calm = _calm * 2 < MaxCalm ? _calm * 2 : MaxCalm;
        _raisedAt = step < _step ? now : null;
        (_step, _triedAt, _calmSince, _fullSince, _failures) = (step, now, now, null, 0);
        _made.Clear();
    }

    /// <summary>It could not be changed; later perhaps.</summary>
    public void NotChanged(TimeSpan now) => (_triedAt, _failures) = (now, Math.Min(_failures + 1, MaxFailures));

    /// <summary>The highest that fits, and one down at least.</summary>
    int Lower(long room)
    {
        var step = Math.Min(_step + 1, _steps.Length - 1);
        while (step < _steps.Length - 1 && _steps[step] > room)
            step++;
        return step;
    }

    int Higher(long? room, TimeSpan now) =>
        _step > 0 && now - _calmSince >= _calm && !(room < _steps[_step - 1]) ? _step - 1 : _step;

    /// <summary>Bits a second over the last seconds: pictures come in bursts.</summary>
    double Average(long made, TimeSpan now)
    {
        _made.Enqueue((now, 8 * made));
        while (now - _made.Peek().At >= Window)
            _made.Dequeue();
        return _made.Sum(m => m.Bits) / Window.TotalSeconds;
    }

    static int[] StepsOf(int most) => [most, .. Shares.Select(s => (int)(s * most)).Where(rate => rate >= LeastStep)];
}
