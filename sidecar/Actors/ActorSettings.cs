using System.Text.Json;
using CloudPhone.Sidecar.App;

namespace CloudPhone.Sidecar.Actors;

/// <summary>How the app wants one actor type to be run.</summary>
/// <param name="DrainTimeout">How long running calls may go on when the sidecar ends.</param>
sealed record ActorSettings(TimeSpan IdleTimeout, TimeSpan DrainTimeout, bool Drain, ActorReentrancy Reentrancy)
{
    /// <summary>The app's settings, and those of <c>entitiesConfig</c> for this type in their place.</summary>
    public static ActorSettings For(string type, AppConfig config)
    {
        var own = config.EntitiesConfig.LastOrDefault(e => AppConfig.Strings(e, "entities").Contains(type));
        var reentrancy = AppConfig.Property(own, "reentrancy") is { ValueKind: JsonValueKind.Object }
            ? own
            : config.Document;
        var (enabled, depth) = AppConfig.Reentrancy(reentrancy);
        return new(
            AppConfig.Duration(own, "actorIdleTimeout") ?? config.ActorIdleTimeout,
            AppConfig.Duration(own, "drainOngoingCallTimeout") ?? config.DrainOngoingCallTimeout,
            AppConfig.Flag(own, "drainRebalancedActors") ?? config.DrainRebalancedActors,
            new(enabled, depth));
    }
}
