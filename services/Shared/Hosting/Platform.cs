using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Hosting;

static class Platform
{
    /// <summary>Bodies are JSON and small; a route that takes files raises its own limit.</summary>
    const long MaxBodyBytes = 1 << 20;

    public static void AddPlatform(this WebApplicationBuilder builder, ServiceIdentity identity)
    {
        builder.Logging.ClearProviders().AddPlatformConsole(builder.Configuration);
        if (builder.Configuration["APP_PORT"] is { Length: > 0 } port
            && string.IsNullOrEmpty(builder.Configuration["urls"]))
            builder.WebHost.UseUrls($"http://{builder.Configuration["LISTEN_ADDRESS"] ?? "localhost"}:{port}");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(o => Configure(o.SerializerOptions));
        builder.Services.AddSingleton(identity);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddPlatformAuth();
        builder.Services.AddRevocations(identity);
        builder.AddTelemetry(identity);
        builder.Services.AddProblems();
        builder.Services.AddOpenApi(
            o => o.AddOperationTransformer(PageParameters.DescribeAsync)
                .AddOperationTransformer(OpenRoutes.DescribeAsync).AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = identity.AppId, Version = "v1" };
            document.Servers = [];
            return Task.CompletedTask;
        }));
        builder.Services.AddHealthChecks().AddCheck<StoppingCheck>("stopping", tags: [HealthRoutes.Ready]);
        builder.Services.AddMessagingClients();
        builder.AddSiblings();
    }

    /// <param name="beforeAuthorization">What must see requests too that are refused for want of a token.</param>
    /// <param name="beforeAuthentication">What gives a request its token.</param>
    public static void UsePlatform(
        this WebApplication app, Action<WebApplication>? beforeAuthorization = null,
        Action<WebApplication>? beforeAuthentication = null)
    {
        app.UseMiddleware<RequestIdMiddleware>();
        app.UseMiddleware<RequestLogMiddleware>();
        app.UseMiddleware<LargeBodyMiddleware>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRouting();
        // 405 and 415 are endpoints of the router, not of a route: nobody knows whose token they would need
        app.Use((http, next) => http.GetEndpoint() is { RequestDelegate: { } refuse } and not RouteEndpoint
            ? refuse(http) : next(http));
        beforeAuthentication?.Invoke(app);
        app.UseAuthentication();
        beforeAuthorization?.Invoke(app);
        app.UseAuthorization();
        app.UseMiddleware<ScopeMiddleware>();
        if (HasDatabase(app))
            app.UseMiddleware<EventEnvelopeMiddleware>().UseMiddleware<IdempotencyMiddleware>();
        app.MapHealthRoutes();
        app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();
        app.MapOpenApi().AllowAnonymous();
        app.MapRouteList();
        if (HasDatabase(app))
            app.MapPlatformSubscriptions();
    }

    static bool HasDatabase(WebApplication app) => app.Services.GetService<SubscriptionRegistry>() is not null;

    /// <summary>
    /// Wire JSON of the REST API: camelCase, enums as words, and a missing or null field that is needed is an error.
    /// </summary>
    static void Configure(JsonSerializerOptions json)
    {
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.AllowDuplicateProperties = false;
        json.MaxDepth = 32;
        json.TypeInfoResolver = EventJson.Resolver; // handlers bind events like any body
    }
}
