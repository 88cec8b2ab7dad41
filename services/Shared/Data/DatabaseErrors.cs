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

    /// <summary>
    /// Passes by itself, and has nothing to do with what was asked: the server can't be reached, goes down, comes up,
    /// has no connection left, or somebody else has the rows.
    /// </summary>
    public static bool IsPassing(Exception? e) => e switch
    {
        null => false,
        DbException { IsTransient: true } => true,
        PostgresException p => p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown,
        SqliteException s => s.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED,
        _ => IsPassing(e.InnerException),
    };
}
