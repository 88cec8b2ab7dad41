using System.Text.Json;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Asks the app once what it subscribes to.</summary>
sealed partial class SubscriptionSource(
    AppChannel app, SidecarOptions options, ResiliencyPolicies policies, ILogger<SubscriptionSource> log)
{
    const string Endpoint = "subscribe";

    /// <summary>The app's own subscriptions; null where it could not say them.</summary>
    public async Task<IReadOnlyList<Subscription>?> FetchAsync(CancellationToken ct)
    {
        if (options.DisableInitEndpoints.Contains(Endpoint))
            return [];
        try
        {
            return await policies.BuiltIn("DaprBuiltInInitializationRetries").RunAsync(AskAsync, _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failed(log, e, options.AppId);
            return null;
        }
    }

    async Task<IReadOnlyList<Subscription>> AskAsync(CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.BaseAddress, $"dapr/{Endpoint}"));
        request.Headers.TryAddWithoutValidation("dapr-app-id", options.AppId);
        using var response = await app.SendAsync(request, ct);
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
            return [];
        if (!response.IsSuccessStatusCode)
            throw new PermanentException($"GET /dapr/{Endpoint} answered {(int)response.StatusCode}");
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        try
        {
            return body.Length == 0 ? [] : SubscriptionDocument.Parse(body);
        }
        catch (JsonException e)
        {
            throw new PermanentException(
                $"GET /dapr/{Endpoint}: the answer is no list of subscriptions: {e.Message}", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "app {AppId} did not tell its subscriptions; it gets only the declared ones")]
    static partial void Failed(ILogger log, Exception error, string appId);
}
