namespace CloudPhone.Sidecar.Api;

static class ApiModule
{
    /// <param name="shutDown">What POST /v1.0/shutdown does.</param>
    public static IServiceCollection AddApi(this IServiceCollection services, Action shutDown)
    {
        services.AddRoutingCore().Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        return services
            .AddSingleton(new ShutdownRequest(shutDown))
            .AddSingleton<TraceContext>()
            .AddSingleton<SidecarMetrics>()
            .AddSingleton<SidecarMetadata>()
            .AddSingleton<ApiErrors>();
    }

    /// <summary>What every call goes through before its endpoint, from the outside in.</summary>
    public static void UseApi(this WebApplication web)
    {
        web.UseMiddleware<Ports>();
        web.UseMiddleware<PathCleaner>();
        web.UseMiddleware<ApiLog>();
        web.UseMiddleware<HeaderLimit>();
        web.UseMiddleware<TokenGuard>();
        web.UseMiddleware<ErrorWriter>();
        web.UseMiddleware<BodyLimit>();
        web.UseRouting();
    }

    public static void MapApi(this IEndpointRouteBuilder api)
    {
        api.MapHealth();
        api.MapMetadata();
        api.MapPost("/v1.0/shutdown", Shutdown);
    }

    static IResult Shutdown(ShutdownRequest request, HttpContext http)
    {
        http.Response.OnCompleted(() =>
        {
            request.Act();
            return Task.CompletedTask;
        });
        return Results.NoContent();
    }
}

/// <summary>What POST /v1.0/shutdown does.</summary>
sealed record ShutdownRequest(Action Act);
