using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace CloudPhone.Shared.Hosting;

/// <summary>
/// Routes under /internal are in no document, so no test finds them there: a service that has one which is not for
/// siblings alone does not start.
/// </summary>
static class RouteCheck
{
    /// <exception cref="InvalidOperationException">A route under /internal lacks its policy.</exception>
    public static void CheckInternalRoutes(this WebApplication app)
    {
        foreach (var route in ((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>().Where(r => IsInternal(r.RoutePattern.RawText ?? "")))
            if (route.Metadata.GetMetadata<IAllowAnonymous>() is not null
                || !route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(a => a.Policy == Policies.Service))
                throw new InvalidOperationException(
                    $"{route.RoutePattern.RawText} needs RequireAuthorization(Policies.Service).");
    }

    static bool IsInternal(string path) =>
        path.TrimStart('/').StartsWith("internal/", StringComparison.OrdinalIgnoreCase);
}
