using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Templates;

/// <summary>What phones a user can have.</summary>
/// <param name="Refusal">Why none is made for the user: <c>user-suspended</c> or <c>balance-exhausted</c>; null: it
/// is.</param>
/// <param name="Reason">The same in words, for the user.</param>
/// <param name="MaxMemoryGB">GiB.</param>
/// <param name="Templates">The named sizes.</param>
sealed record PhoneOffer(
    string? Refusal, string? Reason, int MaxCpuCores, int MaxMemoryGB, IReadOnlyList<TemplateView> Templates);

/// <summary>For the scheduler, which reserves room for no phone that would not be made.</summary>
static class OfferRoute
{
    public static void MapOffer(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/internal/devices/offer", Get).RequireAuthorization(Policies.Service).ExcludeFromDescription();

    static async Task<Ok<PhoneOffer>> Get(Guid userId, DeviceDb db, DeviceOptions options, CancellationToken ct)
    {
        var refusal = (await db.RefusalAsync(userId, ct))?.ProblemDetails;
        return TypedResults.Ok(new PhoneOffer(
            refusal?.Type, refusal?.Detail, options.MaxCpuCores, options.MaxMemoryGB,
            [.. options.Templates.Select(TemplateView.Of)]));
    }
}
