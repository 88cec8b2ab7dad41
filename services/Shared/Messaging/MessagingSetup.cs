using CloudPhone.Shared.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Messaging;

static class MessagingSetup
{
    /// <summary>What every service has: Dapr's client for state and the like.</summary>
    public static void AddMessagingClients(this IServiceCollection services) => services.AddDaprClient();

    /// <summary>What a service with a database has: outbox, relay, receipts, inbox, dead letters.</summary>
    public static void AddMessaging(this IServiceCollection services, IConfiguration configuration)
    {
        configuration.Required(
            "APP_API_TOKEN", "the token that the sidecar shows to the service, the same in both environments");
        services.AddScoped<Outbox>();
        services.AddSingleton<SubscriptionRegistry>();
        services.AddSingleton<HandlerFailures>();
        services.AddSingleton<Receipts>().AddHostedService(s => s.GetRequiredService<Receipts>());
        services.AddSidecarClient<BulkPublisher>(configuration, BulkPublisher.Timeout);
        services.AddHostedService<OutboxRelay>();
        services.AddHostedService<Housekeeping>();
    }
}
