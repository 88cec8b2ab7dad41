using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace CloudPhone.Shared.Hosting;

/// <summary>
/// /health and /health/ready with every check tagged <see cref="Ready"/>; /health/live says only that the process
/// answers.
/// </summary>
public static class HealthRoutes
{
    /// <summary>The tag of checks that decide whether the service should get work.</summary>
    public const string Ready = "ready";

    internal static void MapHealthRoutes(this IEndpointRouteBuilder routes)
    {
        var ready = new HealthCheckOptions { Predicate = c => c.Tags.Contains(Ready), ResponseWriter = WriteAsync };
        var live = new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync };
        foreach (var (path, options) in new[] { ("/health", ready), ("/health/ready", ready), ("/health/live", live) })
            routes.MapHealthChecks(path, options).AllowAnonymous();
    }

    static Task WriteAsync(HttpContext http, HealthReport report) =>
        http.Response.WriteAsJsonAsync(new
        {
            Status = Word(report.Status),
            Service = http.RequestServices.GetRequiredService<ServiceIdentity>().AppId,
            Checks = report.Entries.ToDictionary(e => e.Key, e => Word(e.Value.Status)),
        });

    static string Word(HealthStatus status) => status == HealthStatus.Healthy ? "healthy" : "unhealthy";
}

/// <summary>A service that is about to stop asks for no more work.</summary>
sealed class StoppingCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy()
            : HealthCheckResult.Healthy());
}
