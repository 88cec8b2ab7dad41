using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Work;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// A wrong password or code. Written for names that nobody has as well, and only told afterwards: a refusal costs the
/// same whether there is such an account or not.
/// </summary>
public sealed class FailedLogin : DueRow
{
    /// <summary>Null: nobody has the name.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Failures in a row with this name, or with codes, this one included.</summary>
    public int Attempt { get; init; }

    [MaxLength(64)]
    public string? IpAddress { get; init; }

    public DateTimeOffset At { get; init; }
}
