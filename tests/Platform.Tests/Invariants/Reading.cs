using System.Data.Common;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>The same rows from SQLite, which keeps ids as text and times as ticks, and from PostgreSQL.</summary>
static class Reading
{
    /// <param name="what">What follows SELECT: a constant of the caller.</param>
    public static List<T> Rows<T>(this DbConnection database, string what, Func<DbDataReader, T> row)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // see above
        command.CommandText = $"SELECT {what}";
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(row(reader));
        return rows;
    }

    public static Guid Id(this DbDataReader row, int column) =>
        row.GetValue(column) is Guid id ? id : Guid.Parse(row.GetString(column));

    public static string? Text(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset Time(this DbDataReader row, int column) =>
        row.GetValue(column) is long ticks ? new(ticks, TimeSpan.Zero) : new(row.GetDateTime(column), TimeSpan.Zero);

    /// <summary>Cores, GiB and devices, in three columns from this one on.</summary>
    public static Amount Amount(this DbDataReader row, int column) => new(
        row.GetInt32(column), row.GetInt32(column + 1), row.GetInt32(column + 2));
}
