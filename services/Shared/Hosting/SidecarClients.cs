using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Hosting;

/// <summary>Typed clients of the sidecar's HTTP API, for what Dapr's own client can't say.</summary>
public static class SidecarClients
{
    /// <summary>Gives <typeparamref name="T"/> an <see cref="HttpClient"/> that has the address of the service's own
    /// sidecar, and the token that it asks for.</summary>
    /// <param name="timeout">Of one call: longer than the sidecar's policy for it, repetitions included.</param>
    public static void AddSidecarClient<T>(
        this IServiceCollection services, IConfiguration configuration, TimeSpan timeout) where T : class =>
        services.AddHttpClient<T>(http =>
        {
            http.BaseAddress = new(configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint
                ? endpoint : $"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}");
            http.Timeout = timeout;
            if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
                http.DefaultRequestHeaders.Add("dapr-api-token", token);
        }).RemoveAllLoggers();
}
