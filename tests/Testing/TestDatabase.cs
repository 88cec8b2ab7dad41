using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace CloudPhone.Testing;

/// <summary>
/// Lets every test run on PostgreSQL: where TEST_DATABASE_URL names a server (as Host=…;Username=…), each service under
/// test gets a database of its own there, and the same one again for the same data folder.
/// </summary>
static class TestDatabase
{
    static readonly string? Server = Environment.GetEnvironmentVariable("TEST_DATABASE_URL");

    /// <returns>Null where the tests run on SQLite.</returns>
    public static string? For(string owner)
    {
        if (string.IsNullOrEmpty(Server))
            return null;
        var name = "test_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..24];
        using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Server) { Pooling = false });
        using var create = source.CreateCommand($"CREATE DATABASE {name}");
        try
        {
            create.ExecuteNonQuery();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase)
        {
        }
        return new NpgsqlConnectionStringBuilder(Server) { Database = name, MaxPoolSize = 30 }.ToString();
    }
}
