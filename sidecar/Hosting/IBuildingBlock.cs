namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// A building block's part in the life of one sidecar. The order is the runtime's: components, APIs, then the
/// app's port is awaited, its health, /dapr/config, and only then does anything flow to it.
/// </summary>
interface IBuildingBlock
{
    /// <summary>Called when the app is well, before the first deliveries: asks it what it declares.</summary>
    /// <returns>False: it could not say, as it died or failed meanwhile; it is asked again while its health is
    /// followed.</returns>
    Task<bool> AskAppAsync(CancellationToken ct) => Task.FromResult(true);

    /// <summary>Called when the app is first well and was asked: begin to deliver. Called again after each
    /// <see cref="StopDeliveringAsync"/> when the app is well again.</summary>
    Task StartDeliveringAsync(CancellationToken ct);

    /// <summary>
    /// The app is ill or the sidecar ends: nothing new is delivered; running deliveries may finish until the token
    /// fires.
    /// </summary>
    Task StopDeliveringAsync(CancellationToken ct);
}
