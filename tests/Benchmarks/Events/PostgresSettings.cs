using CloudPhone.Testing.Servers;
using Npgsql;

namespace CloudPhone.Benchmarks.Events;

/// <summary>How the measured database differs from that of tests.</summary>
static class PostgresSettings
{
    /// <summary>A commit is on disk, as with users.</summary>
    public const string Durable = "fsync=on";

    /// <summary>It keeps when each row was committed.</summary>
    public const string CommitTimes = "track_commit_timestamp=on";

    /// <summary>In a service's database.</summary>
    public static T Run<T>(this RealServers servers, string app, string query, Func<NpgsqlCommand, T> read)
    {
        using var connection = servers.Open(app);
#pragma warning disable CA2100 // constants of this program
        using var command = new NpgsqlCommand(query, connection);
#pragma warning restore CA2100
        return read(command);
    }
}
