using System.Net.Sockets;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polly;
using Polly.Retry;

namespace CloudPhone.Shared.Data;

/// <summary>At start, waits for a PostgreSQL server that is not there yet, and says so.</summary>
sealed partial class DatabaseWait(IConfiguration configuration, TimeProvider clock, ILogger<DatabaseWait> log)
{
    const string Setting = "DATABASE_WAIT_SECONDS";

    /// <summary>
    /// Runs the work as soon as the server takes connections, and again where it goes away meanwhile.
    /// </summary>
    /// <exception cref="StartupException">It stays unreachable for DATABASE_WAIT_SECONDS.</exception>
    /// <exception cref="SettingException">It is there, and refuses what DATABASE_URL says.</exception>
    public async Task RunAsync(DbContext db, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        var limit = TimeSpan.FromSeconds(configuration.Number(Setting, 60, 0, 3600));
        var end = clock.GetUtcNow() + limit;
        var server = new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString());
        var where = $"{server.Host}:{server.Port}";
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue, BackoffType = DelayBackoffType.Exponential, UseJitter = true,
            Delay = TimeSpan.FromSeconds(0.25), MaxDelay = TimeSpan.FromSeconds(5),
            ShouldHandle = a => ValueTask.FromResult(
                a.Outcome.Exception is { } e && IsAway(e) && clock.GetUtcNow() < end),
            OnRetry = a =>
            {
                Waiting(log, where, a.RetryDelay, Reason(a.Outcome.Exception!));
                return ValueTask.CompletedTask;
            },
        }).Build();
        try
        {
            await pipeline.ExecuteAsync(async token =>
            {
                if (!await ProbeAsync(server, token))
                    await CreateAsync(db, token);
                await work(token);
            }, ct);
        }
        catch (Exception e) when (IsAway(e))
        {
            throw new StartupException($"PostgreSQL at {where} could not be reached for {limit.TotalSeconds:0} s "
                + $"({Reason(e)}): {(IsFull(e) ? "raise its max_connections" : "start it")}, "
                + "or set DATABASE_URL to where it is.");
        }
        catch (PostgresException e) when (IsRefusal(e))
        {
            throw new SettingException($"PostgreSQL at {where} refuses user '{server.Username}' and database "
                + $"'{server.Database}' ({e.MessageText}): set DATABASE_URL to a user, password and database "
                + "that it takes.");
        }
    }

    /// <summary>Not over the context, which would log each try with its stack.</summary>
    /// <returns>False: there is no such database yet.</returns>
    static async Task<bool> ProbeAsync(NpgsqlConnectionStringBuilder server, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server.ToString()) { Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(ct);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }
    }

    static async Task CreateAsync(DbContext db, CancellationToken ct)
    {
        try
        {
            await db.GetService<IRelationalDatabaseCreator>().CreateAsync(ct);
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // another replica was faster
        }
    }

    /// <summary>A name that can't be looked up is not the driver's error.</summary>
    static bool IsAway(Exception e) =>
        DatabaseErrors.IsPassing(e) || e is SocketException or TimeoutException
        || (e is not PostgresException && e.InnerException is { } inner && IsAway(inner));

    static bool IsFull(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.TooManyConnections };

    static bool IsRefusal(PostgresException e) =>
        e.SqlState.StartsWith("28", StringComparison.Ordinal) // authorization
        || e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege;

    static string Reason(Exception e) => e is PostgresException p ? p.MessageText : e.GetBaseException().Message;

    [LoggerMessage(1, LogLevel.Warning,
        "PostgreSQL at {Where} can't be reached, next try in {Pause} (DATABASE_URL says where it is): {Reason}")]
    static partial void Waiting(ILogger log, string where, TimeSpan pause, string reason);
}
