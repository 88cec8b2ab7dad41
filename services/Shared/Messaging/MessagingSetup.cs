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
        services.AddHttpClient<BulkPublisher>(http =>
        {
            http.BaseAddress = new(configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint
                ? endpoint : $"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}");
            http.Timeout = BulkPublisher.Timeout;
            if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
                http.DefaultRequestHeaders.Add("dapr-api-token", token);
        }).RemoveAllLoggers();
        services.AddHostedService<OutboxRelay>();
        services.AddHostedService<Housekeeping>();
    }
}
