namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// A building block's part in the life of one sidecar. The order is the runtime's: components, APIs, then the
/// app's port is awaited, its health, /dapr/config, and only then does anything flow to it.
/// </summary>
interface IBuildingBlock
{
    /// <summary>Called once, when the app is first well: fetch what the app declares and begin to deliver.
    /// Called again after each <see cref="StopDeliveringAsync"/> when the app is well again.</summary>
    Task StartDeliveringAsync(CancellationToken ct);

    /// <summary>
    /// The app is ill or the sidecar ends: nothing new is delivered; running deliveries may finish until the token
    /// fires.
    /// </summary>
    Task StopDeliveringAsync(CancellationToken ct);
}
