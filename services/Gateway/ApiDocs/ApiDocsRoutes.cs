using CloudPhone.Gateway.Limits;
using Scalar.AspNetCore;

namespace CloudPhone.Gateway.ApiDocs;

/// <summary>One OpenAPI document of all services at /openapi.json, and a page to try it at /docs.</summary>
static class ApiDocsRoutes
{
    public static void AddApiDocs(this WebApplicationBuilder builder) => builder.Services.AddSingleton<ApiDocument>();

    public static void MapApiDocs(this WebApplication app)
    {
        app.MapGet("/openapi.json", async (ApiDocument document, HttpContext http) =>
            Results.Text(await document.GetAsync(http.RequestAborted), "application/json")).AllowAnonymous()
                .ExcludeFromDescription().RequireRateLimiting(RateLimits.Standard);
        // nothing that would call other hosts: the page works, and stays private, without the internet
        app.MapScalarApiReference("/docs", o => o.WithTitle("CloudPhone").WithOpenApiRoutePattern("/openapi.json")
            .DisableTelemetry().DisableDefaultFonts().DisableAgent().DisableMcp()).AllowAnonymous();
        app.MapGet("/", () => Results.Redirect("/docs")).AllowAnonymous().ExcludeFromDescription();
    }
}
