using CloudPhone.Contracts;
using CloudPhone.Gateway;
using CloudPhone.Gateway.ApiDocs;
using CloudPhone.Gateway.Keys;
using CloudPhone.Gateway.Limits;
using CloudPhone.Gateway.Pages;
using CloudPhone.Gateway.Proxy;
using CloudPhone.Shared.Hosting;

// The one door to the platform: checks tokens, limits, and hands each request to the service that owns its path.
return await CloudPhoneHost.RunAsync(args, AppIds.Gateway,
    builder =>
    {
        builder.Services.AddSingleton(new GatewayOptions(builder.Configuration));
        builder.AddProxy();
        builder.AddKeys();
        builder.AddRateLimits();
        builder.AddApiDocs();
    },
    app =>
    {
        app.UseMiddleware<PlainPath>().UseMiddleware<PlainHeaders>().UseMiddleware<MetricsGuard>();
        app.MapProxy();
        app.MapApiDocs();
        app.MapAccountPages();
    },
    beforeAuthorization: app => app.UseRateLimiter(),
    beforeAuthentication: app => app.UseMiddleware<KeyMiddleware>());
