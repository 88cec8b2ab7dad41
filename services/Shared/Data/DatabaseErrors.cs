using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CloudPhone.Shared.Data;

/// <summary>What went wrong, whichever database it is.</summary>
public static class DatabaseErrors
{
    /// <summary>A unique index or primary key refused the row.</summary>
    public static bool IsDuplicate(DbUpdateException e) => e.InnerException switch
    {
        PostgresException p => p.SqlState == PostgresErrorCodes.UniqueViolation,
        SqliteException s => s.SqliteExtendedErrorCode is 1555 or 2067,
        _ => false,
    };

    /// <summary>Text with the character U+0000, which PostgreSQL can't keep or compare with.</summary>
    public static bool IsUnstorableText(Exception e) =>
        e is PostgresException
        {
            SqlState: PostgresErrorCodes.CharacterNotInRepertoire
            or PostgresErrorCodes.UntranslatableCharacter
        }
        || (e.InnerException is { } inner && IsUnstorableText(inner));

    /// <summary>The server can't be reached, or broke the connection.</summary>
    public static bool IsUnavailable(Exception e) =>
        e is NpgsqlException { IsTransient: true }
            || (e.InnerException is { } inner and not DbException { } && IsUnavailable(inner))
        || e.InnerException is NpgsqlException { IsTransient: true };
}
