using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CloudPhone.Shared.Work;

/// <summary>Errors of a database that pass by themselves, and have nothing to do with what was to be saved.</summary>
static class PassingErrors
{
    const int Busy = 5, Locked = 6;

    public static bool Is(Exception? e) => e switch
    {
        null => false,
        DbException { IsTransient: true } or SqliteException { SqliteErrorCode: Busy or Locked } => true,
        // the server goes down or comes up
        PostgresException p when p.SqlState.StartsWith("57P", StringComparison.Ordinal) => true,
        _ => Is(e.InnerException),
    };
}
