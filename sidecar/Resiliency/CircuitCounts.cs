using CloudPhone.Sidecar.Expressions;

namespace CloudPhone.Sidecar.Resiliency;

/// <summary>What a breaker has seen since its counters last started anew; the variables of a trip rule.</summary>
struct CircuitCounts
{
    const int DefaultFailuresInARow = 5;

    public static readonly string[] Names =
        ["requests", "totalSuccesses", "totalFailures", "consecutiveSuccesses", "consecutiveFailures"];

    int _requests, _successes, _failures, _successesInARow, _failuresInARow;

    public readonly int Requests => _requests;
    public readonly int SuccessesInARow => _successesInARow;

    public void Ask() => _requests++;

    public void Succeed() =>
        (_successes, _successesInARow, _failuresInARow) = (_successes + 1, _successesInARow + 1, 0);

    public void Fail() => (_failures, _failuresInARow, _successesInARow) = (_failures + 1, _failuresInARow + 1, 0);

    /// <summary>A rule that can't be evaluated, like a division by no requests, does not trip.</summary>
    public readonly bool Trips(Cel? rule)
    {
        if (rule is null)
            return _failuresInARow > DefaultFailuresInARow;
        try
        {
            return rule.IsTrue(Variables());
        }
        catch (CelException)
        {
            return false;
        }
    }

    /// <summary>What is wrong with a rule whatever the counters, like a result that is no bool; null:
    /// nothing.</summary>
    public static string? Check(Cel rule)
    {
        var counts = new CircuitCounts
        {
            _requests = 97, _successes = 41, _failures = 53, _successesInARow = 7, _failuresInARow = 11,
        };
        try
        {
            rule.IsTrue(counts.Variables());
            return null;
        }
        catch (CelException e)
        {
            return e.Message;
        }
    }

    readonly Dictionary<string, object?> Variables() => new()
    {
        ["requests"] = (long)_requests,
        ["totalSuccesses"] = (long)_successes,
        ["totalFailures"] = (long)_failures,
        ["consecutiveSuccesses"] = (long)_successesInARow,
        ["consecutiveFailures"] = (long)_failuresInARow,
    };
}
