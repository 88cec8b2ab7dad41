using System.Security.Cryptography;
using System.Text;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Data;

/// <summary>Brings the database up to date before the service listens.</summary>
sealed class DatabasePreparation<TDb>(IServiceScopeFactory scopes, ServiceIdentity identity, DatabaseWait wait)
    : IStartupPreparation where TDb : ServiceDb
{
    /// <summary>Any constant that nothing else locks.</summary>
    const long MigrationLock = 5_021_000;
    static readonly TimeSpan MigrationTimeout = TimeSpan.FromHours(1);

    public async Task PrepareAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        if (db.Database.IsSqlite())
            await PrepareSqliteAsync(db, ct);
        else
            await wait.RunAsync(db, token => MigrateAsync(db, token), ct);
    }

    /// <summary>
    /// EF's own lock lasts for one migration each: two replicas that have several to apply would both go on with the
    /// second. This one lasts until the connection is closed.
    /// </summary>
    static async Task MigrateAsync(TDb db, CancellationToken ct)
    {
        // a large table or a slow twin is no server that is away
        db.Database.SetCommandTimeout(MigrationTimeout);
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", ct);
            await db.Database.MigrateAsync(ct);
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", ct);
        }
        finally
        {
            // the pool's connection would keep what is still locked until it is used again
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>
    /// A file is made from the model, and carries its fingerprint: one of another version is refused rather than half
    /// understood.
    /// </summary>
    async Task PrepareSqliteAsync(TDb db, CancellationToken ct)
    {
        var script = db.Database.GenerateCreateScript();
        var fingerprint = BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(script))) & int.MaxValue;
        if (await db.Database.EnsureCreatedAsync(ct))
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", ct);
            // a pragma takes no parameters; this is a number of our own
            var stamp = $"PRAGMA user_version = {fingerprint}";
            await db.Database.ExecuteSqlRawAsync(stamp, ct);
            return;
        }
        var found = await db.Database.SqlQueryRaw<int>("PRAGMA user_version").ToListAsync(ct);
        if (found is not [var version] || version != fingerprint)
            throw new SettingException(
                $"The data of {identity.AppId} in {db.Database.GetDbConnection().DataSource} is of another version: "
                + "set CLOUDPHONE_DATA to another folder, or delete this one.");
    }
}
