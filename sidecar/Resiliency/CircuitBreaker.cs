namespace CloudPhone.Sidecar.Resiliency;

/// <summary>
/// A breaker that behaves as the runtime's does: counters of whole generations rather than a sliding window, any rule
/// over them, probes while half open, and no notice of results that belong to an earlier generation.
/// </summary>
sealed partial class CircuitBreaker(string name, BreakerSpec spec, TimeProvider time, ILogger log)
{
    enum State { Closed, Open, HalfOpen }

    readonly Lock _lock = new();
    State _state = State.Closed;
    long _generation;
    CircuitCounts _counts;
    DateTimeOffset? _expires = spec.Interval > TimeSpan.Zero ? time.GetUtcNow() + spec.Interval : null;

    /// <summary>Lets an attempt through and says to which generation it belongs.</summary>
    /// <exception cref="CircuitOpenException">It is open, or half open with all its probes under way.</exception>
    public long Enter()
    {
        lock (_lock)
        {
            Advance();
            if (_state == State.Open)
                throw new CircuitOpenException("circuit breaker is open");
            if (_state == State.HalfOpen && _counts.Requests >= spec.MaxRequests)
                throw new CircuitOpenException("too many requests");
            _counts.Ask();
            return _generation;
        }
    }

    public void Leave(long generation, bool success)
    {
        lock (_lock)
        {
            Advance();
            if (generation != _generation)
                return;
            if (success)
            {
                _counts.Succeed();
                if (_state == State.HalfOpen && _counts.SuccessesInARow >= spec.MaxRequests)
                    Become(State.Closed);
            }
            else
            {
                _counts.Fail();
                if (_state == State.HalfOpen || _counts.Trips(spec.Trip))
                    Become(State.Open);
            }
        }
    }

    void Advance()
    {
        if (_expires is not { } end || end >= time.GetUtcNow())
            return;
        if (_state == State.Open)
            Become(State.HalfOpen);
        else
            Renew();
    }

    void Become(State state)
    {
        _state = state;
        Changed(log, name, state);
        Renew();
    }

    void Renew()
    {
        _generation++;
        _counts = default;
        _expires = _state switch
        {
            State.Open => time.GetUtcNow() + spec.Timeout,
            State.Closed when spec.Interval > TimeSpan.Zero => time.GetUtcNow() + spec.Interval,
            _ => null,
        };
    }

    [LoggerMessage(20, LogLevel.Information, "circuit breaker {Name} is now {State}")]
    static partial void Changed(ILogger log, string name, State state);
}
