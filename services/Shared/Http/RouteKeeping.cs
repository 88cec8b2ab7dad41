using Microsoft.AspNetCore.Builder;

namespace CloudPhone.Shared.Http;

/// <summary>What is kept of requests under an Idempotency-Key, where a route wants it otherwise.</summary>
public static class RouteKeeping
{
    /// <summary>
    /// Secrets are asked for or answered: what is kept for repetitions can be read, or guessed, by nobody who has only
    /// the database. On a route that needs no token it makes Idempotency-Keys count at all.
    /// </summary>
    public static TBuilder Confidential<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(Kept.Sealed);

    /// <summary>Doing it twice does nothing that doing it once didn't: nothing is kept of it.</summary>
    public static TBuilder Repeatable<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(Kept.Nothing);
}

enum Kept { Sealed = 1, Nothing }
