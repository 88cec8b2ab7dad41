using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Users.Sessions;

namespace CloudPhone.Users.Audits;

/// <summary>Writes the audit trail, with the change that it tells of.</summary>
sealed class Audit(UsersDb db, IHttpContextAccessor http, TimeProvider clock)
{
    public const int MaxDetail = 600;

    /// <summary>Adds the entry to the context's changes; it exists once these are saved.</summary>
    /// <param name="userId">Whose account it is about.</param>
    /// <param name="act">One of <see cref="Acts"/>.</param>
    /// <param name="detail">Never a password, token or code.</param>
    /// <param name="actorId">Who did it; the caller unless given.</param>
    public void Add(Guid userId, string act, string? detail = null, Guid? actorId = null)
    {
        var now = clock.GetUtcNow();
        var caller = http.HttpContext is { } context ? CurrentUser.From(context.User) : null;
        db.Add(new AuditEntry
        {
            Id = Guid.CreateVersion7(now), UserId = userId, Act = act, At = now,
            ActorId = actorId ?? (caller is { IsService: false } ? caller.Id : null),
            Detail = detail?.Length > MaxDetail ? detail[..MaxDetail] : detail,
            IpAddress = http.HttpContext is { } c ? Caller.Of(c).IpAddress : null, RequestId = RequestId.Current,
        });
    }

    /// <summary>Writes down, at once, that somebody who is signed in did not show what was asked for.</summary>
    /// <param name="attempt">Failures in a row, this one included.</param>
    public Task AddFailureAsync(Guid userId, string act, int attempt, CancellationToken ct)
    {
        var request = http.HttpContext?.Request;
        Add(userId, act, FormattableString.Invariant(
            $"at {request?.Method} {request?.Path.Value}, failure {attempt} in a row"));
        return db.SaveChangesAsync(ct);
    }
}
