using CloudPhone.Shared.Auth;

namespace CloudPhone.Billing;

static class Admins
{
    /// <summary>Whoever sets prices: operators can't.</summary>
    public static TBuilder ForAdmins<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.RequireAuthorization(p => p.RequireAuthenticatedUser().RequireRole(Roles.Admin));
}
