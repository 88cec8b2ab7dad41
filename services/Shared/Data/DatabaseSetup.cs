using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudPhone.Shared.Data;

/// <summary>A service's way to its database.</summary>
public static class DatabaseSetup
{
    const int MaxPoolSize = 15;
    /// <summary>Statements that a connection keeps prepared: to plan one costs as much as to run it.</summary>
    const int MaxAutoPrepare = 50;

    /// <summary>
    /// Gives the service its database, and with it outbox, inbox, dead letters and idempotency keys: PostgreSQL where
    /// DATABASE_URL names one (brought up to date by the migrations at start), else a SQLite file in the folder
    /// CLOUDPHONE_DATA, made from the model.
    /// </summary>
    /// <exception cref="SettingException">Neither is set, or DATABASE_URL can't be read.</exception>
    public static void AddDatabase<TDb>(this WebApplicationBuilder builder) where TDb : ServiceDb
    {
        var appId = builder.Services.Identity().AppId;
        var (provider, connection) = Choose(builder.Configuration, appId);
        builder.Services.AddSingleton<WriteTurn>().AddSingleton<ServiceDbContextParts>()
            .AddSingleton<WorkSignals>().AddSingleton<DueWorkerParts>();
        // pooled: to make what is around a context costs as much as a statement
        builder.Services.AddDbContextPool<TDb>(o =>
        {
            o.UseSnakeCaseNamingConvention();
            if (provider == "sqlite")
                o.UseSqlite(connection);
            else
                o.UseNpgsql(connection);
        });
        builder.Services.AddScoped<ServiceDb>(s => s.GetRequiredService<TDb>());
        builder.Services.AddSingleton<DatabaseWait>().AddSingleton<IStartupPreparation, DatabasePreparation<TDb>>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseCheck>("database", tags: [HealthRoutes.Ready]);
        builder.Services.AddMessaging(builder.Configuration);
        builder.Services.AddIdempotency();
    }

    internal static ServiceIdentity Identity(this IServiceCollection services) =>
        (ServiceIdentity)services.Single(s => s.ServiceType == typeof(ServiceIdentity)).ImplementationInstance!;

    static (string Provider, string Connection) Choose(IConfiguration configuration, string appId)
    {
        if (configuration["DATABASE_URL"] is { Length: > 0 } url)
            return ("postgresql", Postgres(url, appId));
        // beside real servers a file would take what belongs into the database that was forgotten
        if (configuration.Flag("DATABASE_REQUIRED", false))
            throw new SettingException("Set DATABASE_URL to a PostgreSQL database: DATABASE_REQUIRED=true wants one.");
        if (configuration["CLOUDPHONE_DATA"] is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            var sqlite = new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(folder, $"{appId}.db"),
                DefaultTimeout = 30
            };
            return ("sqlite", sqlite.ToString());
        }
        throw new SettingException(
            "Set DATABASE_URL to a PostgreSQL database, or CLOUDPHONE_DATA to a folder for SQLite files.");
    }

    /// <summary>
    /// Takes both forms: postgres://user:password@host:port/database?sslmode=require and Npgsql's Host=…;Database=….
    /// One that names no database means the one named like the service, so that all services may share the setting.
    /// </summary>
    static string Postgres(string url, string appId)
    {
        try
        {
            var connection = url.StartsWith("postgres", StringComparison.OrdinalIgnoreCase)
                && url.Contains("://", StringComparison.Ordinal)
                ? OfUri(new(url)) : new NpgsqlConnectionStringBuilder(url);
            if (string.IsNullOrEmpty(connection.Database))
                connection.Database = appId.Replace('-', '_');
            // several services with replicas share a server, whose own default is 100 connections
            if (connection.MaxPoolSize == new NpgsqlConnectionStringBuilder().MaxPoolSize)
                connection.MaxPoolSize = MaxPoolSize;
            if (!connection.ShouldSerialize("Max Auto Prepare"))
                connection.MaxAutoPrepare = MaxAutoPrepare;
            return connection.ToString();
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException)
        {
            throw new SettingException(
                "Set DATABASE_URL to something like postgres://user:password@localhost:5432/cloudphone.");
        }
    }

    static NpgsqlConnectionStringBuilder OfUri(Uri uri)
    {
        var user = uri.UserInfo.Split(':', 2);
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host, Port = uri.Port > 0 ? uri.Port : 5432,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
        };
        foreach (var (name, values) in QueryHelpers.ParseQuery(uri.Query))
            connection[name] = values.ToString();
        return connection;
    }
}
