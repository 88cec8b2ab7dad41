using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Hosting;

/// <summary>Runs one service: everything that all of them have in common, and what the service adds.</summary>
public static class CloudPhoneHost
{
    /// <summary>
    /// Builds and runs the service until it is told to stop. A <see cref="SettingException"/> ends it with its one
    /// sentence on standard error and exit code 2, a <see cref="StartupException"/> with exit code 1.
    /// </summary>
    /// <param name="appId">One of <see cref="Contracts.AppIds"/>.</param>
    /// <param name="add">Registers the service's own parts.</param>
    /// <param name="map">Maps its routes and subscriptions.</param>
    /// <param name="beforeAuthorization">Middleware that must see requests without a valid token, too.</param>
    /// <param name="beforeAuthentication">Middleware that gives a request its token.</param>
    public static async Task<int> RunAsync(
        string[] args, string appId, Action<WebApplicationBuilder> add, Action<WebApplication> map,
        Action<WebApplication>? beforeAuthorization = null, Action<WebApplication>? beforeAuthentication = null)
    {
        try
        {
            var builder = WebApplication.CreateBuilder(args);
            builder.AddPlatform(new(appId));
            add(builder);
            await using var app = builder.Build(); // what was logged before a failure is written out
            app.UsePlatform(beforeAuthorization, beforeAuthentication);
            map(app);
            app.CheckInternalRoutes();
            foreach (var preparation in app.Services.GetServices<IStartupPreparation>())
                await preparation.PrepareAsync(app.Lifetime.ApplicationStopping);
            await app.RunAsync();
            return 0;
        }
        catch (SettingException e)
        {
            await Console.Error.WriteLineAsync($"{appId}: {e.Message}");
            return 2;
        }
        catch (StartupException e)
        {
            await Console.Error.WriteLineAsync($"{appId}: {e.Message}");
            return 1;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync(
                $"{appId}: {e.Message} Set APP_PORT to a free port, or stop what listens there.");
            return 2;
        }
    }
}

/// <summary>What must be done before the service listens, like bringing its database up to date.</summary>
public interface IStartupPreparation
{
    /// <summary>Runs once, in the order of registration, before the port is opened.</summary>
    /// <exception cref="SettingException">A setting is to blame: exit code 2.</exception>
    /// <exception cref="StartupException">Something else is not there: exit code 1.</exception>
    Task PrepareAsync(CancellationToken ct);
}
