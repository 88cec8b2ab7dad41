using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;
using Grpc.Core;

namespace CloudPhone.Sidecar.Secrets;

/// <summary>Secrets as HTTP and gRPC give them to the app.</summary>
sealed class SecretsApi(ComponentRegistry components, ResiliencyPolicies policies)
{
    /// <exception cref="ApiException">No such store, no such secret, or the store failed.</exception>
    public Task<IReadOnlyDictionary<string, string>> GetAsync(string store, string name, CancellationToken ct) =>
        RunAsync(store, $"failed getting secret with key {name} from secret store {store}",
            (s, t) => s.GetAsync(name, t), ct);

    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(
        string store, CancellationToken ct) =>
        RunAsync(store, $"failed getting secrets from secret store {store}", (s, t) => s.GetAllAsync(t), ct);

    async Task<T> RunAsync<T>(
        string store, string failed, Func<ISecretStore, CancellationToken, Task<T>> read, CancellationToken ct)
    {
        if (!components.OfType<ISecretStore>().Any())
            throw new ApiException(
                500, StatusCode.FailedPrecondition, "ERR_SECRET_STORES_NOT_CONFIGURED",
                "secret store is not configured");
        var found = components.Find<ISecretStore>(store) ?? throw new ApiException(
            401, StatusCode.InvalidArgument, "ERR_SECRET_STORE_NOT_FOUND",
            $"failed finding secret store with key {store}");
        try
        {
            return await policies.ForComponent(store, ComponentKind.SecretStore, Direction.Outbound)
                .RunAsync(t => read(found, t), _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw new ApiException(500, StatusCode.Internal, "ERR_SECRET_GET", $"{failed}: {e.Message}");
        }
    }
}
