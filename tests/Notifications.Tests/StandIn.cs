using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Notifications.Tests;

/// <summary>Stands in for a sibling service on a free port.</summary>
sealed class StandIn : IAsyncDisposable
{
    readonly WebApplication _app;

    StandIn(WebApplication app) => _app = app;

    public static async Task<StandIn> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Use((http, next) =>
        {
            if (http.Request.Headers[ServiceTokens.Header].Count == 1)
                return next(http);
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        map(app);
        await app.StartAsync();
        return new(app);
    }

    public string Address => _app.Urls.First();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
