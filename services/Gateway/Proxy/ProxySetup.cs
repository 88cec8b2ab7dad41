using System.Diagnostics;
using System.Net;
using CloudPhone.Gateway.Limits;
using CloudPhone.Shared.Http;
using Yarp.ReverseProxy.Forwarder;

namespace CloudPhone.Gateway.Proxy;

static class ProxySetup
{
    /// <summary>JSON bodies; files have a limit of their own.</summary>
    const long MaxBodyBytes = 1 << 20;

    public static void AddProxy(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true, ConnectTimeout = TimeSpan.FromSeconds(5),
            ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
        }));
        builder.Services.AddSingleton<Forwarder>();
        // each route's own limit is checked against what it takes; the server's would hide it
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = MaxBodyBytes);
    }

    public static void MapProxy(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<GatewayOptions>();
        // its sidecar asks for subscriptions and actors: 404 says that there are none
        app.Map("/dapr/{**rest}", () => Problems.NotFound("route")).AllowAnonymous().ExcludeFromDescription();
        foreach (var path in Routes.ServiceOnly)
            app.Map(path, () => Problems.NotFound("route")).AllowAnonymous().ExcludeFromDescription();
        foreach (var path in Routes.Anonymous)
            app.Map(path, Forward(Routes.Owners[path.Split('/')[2]])).AllowAnonymous()
                .RequireRateLimiting(Routes.ByGuessers.Contains(path) ? RateLimits.Login : RateLimits.Standard);
        foreach (var (segment, owner) in Routes.Owners)
        {
            var path = $"/api/{segment}/{{**rest}}";
            if (Routes.Anonymous.Contains(path))
                continue;
            app.Map(path, Forward(owner)).RequireRateLimiting(RateLimits.Standard);
        }
        foreach (var (path, owner) in Routes.Uploads)
            app.MapPost(path, (HttpContext http, Forwarder forwarder) =>
                forwarder.ForwardAsync(http, owner, isLarge: true)).RequireRateLimiting(RateLimits.Standard)
                .WithMetadata(new BodyLimit(options.UploadBytes));
        foreach (var (path, owner) in Routes.LargeReads)
            app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (HttpContext http, Forwarder forwarder) =>
                forwarder.ForwardAsync(http, owner, isLarge: true)).RequireRateLimiting(RateLimits.Standard);
        foreach (var (path, owner) in Routes.Direct)
            app.Map(path, (HttpContext http, Forwarder forwarder) => forwarder.ForwardFileAsync(http, owner))
                .RequireRateLimiting(RateLimits.Standard).WithMetadata(new BodyLimit(options.UploadBytes));
        foreach (var (segment, owner) in Routes.WebSocketOwners)
        {
            var route = app.Map($"/ws/{segment}/{{**rest}}", (HttpContext http, Forwarder forwarder) =>
                forwarder.ForwardDirectAsync(http, owner))
                .RequireRateLimiting(RateLimits.Standard);
            if (Routes.AnonymousSockets.Contains(segment))
                route.AllowAnonymous();
        }
        foreach (var (path, owner) in Routes.Pages)
            app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], Forward(owner)).AllowAnonymous()
                .RequireRateLimiting(RateLimits.Standard);
    }

    static RequestDelegate Forward(string owner) =>
        http => http.RequestServices.GetRequiredService<Forwarder>().ForwardAsync(http, owner);
}
