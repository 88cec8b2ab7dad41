using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users;

/// <summary>Collects what is wrong with a request, field by field, for one answer.</summary>
sealed class FieldErrors
{
    readonly Dictionary<string, string[]> _errors = [];

    public FieldErrors Check(bool ok, string field, string rule)
    {
        if (!ok)
            _errors.TryAdd(field, [rule]);
        return this;
    }

    /// <summary>Null where nothing is wrong.</summary>
    public ProblemHttpResult? Problem => _errors.Count == 0
        ? null
        : Problems.Of(400, "bad-request", string.Join(' ', _errors.Values.SelectMany(e => e)), ("errors", _errors));
}
