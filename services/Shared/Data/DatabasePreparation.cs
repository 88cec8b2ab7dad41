using System.Security.Cryptography;
using System.Text;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Data;

/// <summary>Brings the database up to date before the service listens.</summary>
sealed partial class DatabasePreparation<TDb>(
    IServiceScopeFactory scopes, ServiceIdentity identity, DatabaseWait wait, ILogger<DatabasePreparation<TDb>> log)
    : IStartupPreparation where TDb : ServiceDb
{
    /// <summary>Any constant that nothing else locks.</summary>
    const long MigrationLock = 5_021_000;
    static readonly TimeSpan MigrationTimeout = TimeSpan.FromHours(1), LookAgain = TimeSpan.FromSeconds(2);

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
    /// second.
    /// </summary>
    async Task MigrateAsync(TDb db, CancellationToken ct)
    {
        // a large table is no server that is away
        db.Database.SetCommandTimeout(MigrationTimeout);
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            while (!await AskAsync(db, $"SELECT pg_try_advisory_lock({MigrationLock}) AS \"Value\"", ct))
            {
                Waiting(log, identity.AppId);
                await Task.Delay(LookAgain, ct);
            }
            await db.Database.MigrateAsync(ct);
            await AskAsync(db, $"SELECT pg_advisory_unlock({MigrationLock}) AS \"Value\"", ct);
        }
        finally
        {
            await db.Database.CloseConnectionAsync(); // a lock after an error ends when the pool uses it again
        }
    }

    static Task<bool> AskAsync(TDb db, FormattableString question, CancellationToken ct) =>
        db.Database.SqlQuery<bool>(question).SingleAsync(ct);

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

    [LoggerMessage(1, LogLevel.Information, "Another replica of {AppId} migrates the database: waiting for it")]
    static partial void Waiting(ILogger log, string appId);
}
