using System.Text.RegularExpressions;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Hosting;

/// <summary>
/// Tells siblings of every route that the service has, those for sidecars and siblings included, which are in no
/// document: what checks who may call what goes by it, and so no route is forgotten. The gateway has none: whatever
/// is under /internal is not there from outside.
/// </summary>
static partial class RouteList
{
    public static void MapRouteList(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ServiceIdentity>().AppId == AppIds.Gateway)
            return;
        app.MapGet("/internal/routes", () => Of(app)).RequireAuthorization(Policies.Service).ExcludeFromDescription();
    }

    static List<RouteEntry> Of(IEndpointRouteBuilder app) =>
    [
        .. from route in app.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
           from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"]
           select new RouteEntry(method, PathOf(route)),
    ];

    /// <summary>As documents write it: placeholders without their rules.</summary>
    static string PathOf(RouteEndpoint route) =>
        "/" + Placeholder().Replace(route.RoutePattern.RawText ?? "", "{$1}").Trim('/');

    [GeneratedRegex(@"\{\**(\w+)[^}]*\}")]
    private static partial Regex Placeholder();
}

/// <param name="Method">Of HTTP; <c>*</c>: any.</param>
sealed record RouteEntry(string Method, string Path);
