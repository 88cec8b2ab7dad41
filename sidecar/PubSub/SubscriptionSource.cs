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

    /// <summary>The app's own subscriptions; null where it could not say them, and whether asking again may
    /// help.</summary>
    public async Task<(IReadOnlyList<Subscription>? Told, bool AskAgain)> FetchAsync(CancellationToken ct)
    {
        if (options.DisableInitEndpoints.Contains(Endpoint))
            return ([], false);
        try
        {
            return await policies.BuiltIn("DaprBuiltInInitializationRetries").RunAsync(AskAsync, _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failed(log, options.AppId, e.Message);
            return (null, true);
        }
    }

    async Task<(IReadOnlyList<Subscription>? Told, bool AskAgain)> AskAsync(CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.BaseAddress, $"dapr/{Endpoint}"));
        request.Headers.TryAddWithoutValidation("dapr-app-id", options.AppId);
        using var response = await app.SendAsync(request, ct);
        var status = (int)response.StatusCode;
        if (status == StatusCodes.Status404NotFound)
            return ([], false);
        if (!response.IsSuccessStatusCode)
        {
            Failed(log, options.AppId, $"GET /dapr/{Endpoint} answered {status}");
            return (null, status >= StatusCodes.Status500InternalServerError);
        }
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        try
        {
            return (body.Length == 0 ? [] : SubscriptionDocument.Parse(body), false);
        }
        catch (JsonException e)
        {
            Failed(log, options.AppId, $"GET /dapr/{Endpoint}: the answer is no list of subscriptions: {e.Message}");
            return (null, false);
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "app {AppId} did not tell its subscriptions; it gets only the declared ones: {Reason}")]
    static partial void Failed(ILogger log, string appId, string reason);
}
