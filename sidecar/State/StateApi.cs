using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;
using Grpc.Core;

namespace CloudPhone.Sidecar.State;

/// <summary>
/// The state building block, the same for HTTP and gRPC: stores by name, key prefixes, policies, error codes.
/// </summary>
sealed class StateApi(ComponentRegistry components, ResiliencyPolicies policies, SidecarOptions options)
{
    /// <returns>Null: no such key.</returns>
    public async Task<StateValue?> GetAsync(string store, string key, CancellationToken ct)
    {
        var (component, instance) = Find(store);
        var full = KeyPrefix.Full(component, options, key);
        try
        {
            return await PolicyOf(store).RunAsync(t => instance.GetAsync(full, t), _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw Failed("ERR_STATE_GET", $"fail to get {key} from state store {store}: {e.Message}");
        }
    }

    /// <returns>In the order of the keys; null where there is no such key.</returns>
    public async Task<IReadOnlyList<StateValue?>> GetBulkAsync(string store, IReadOnlyList<string> keys,
        CancellationToken ct)
    {
        var (component, instance) = Find(store);
        List<string> full = [.. keys.Select(k => KeyPrefix.Full(component, options, k))];
        try
        {
            return await PolicyOf(store).RunAsync(t => instance.GetManyAsync(full, t), _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw Failed("ERR_STATE_BULK_GET", $"failed getting bulk state from state store {store}: {e.Message}");
        }
    }

    /// <summary>Writes and deletes, all or nothing. An ETag mismatch is 409 (gRPC ABORTED).</summary>
    public async Task SaveAsync(string store, IReadOnlyList<StateItem> items, CancellationToken ct)
    {
        if (await WriteAsync(store, items, ct) is { } e)
            throw Conditional(e, "ERR_STATE_SAVE", $"failed saving state in state store {store}: {e.Message}");
    }

    /// <summary>Deletes; a key that is not there is no error. An ETag mismatch is 409 (gRPC ABORTED).</summary>
    public async Task DeleteAsync(string store, IReadOnlyList<StateItem> items, CancellationToken ct)
    {
        if (await WriteAsync(store, [.. items.Select(i => i with { Value = null })], ct) is { } e)
            throw Conditional(e, "ERR_STATE_DELETE",
                $"failed deleting state with key {string.Join(", ", items.Select(i => i.Key))}: {e.Message}");
    }

    /// <summary>All or nothing, in order. An ETag mismatch is 500 (gRPC INTERNAL) like every other failure.</summary>
    public async Task TransactAsync(string store, IReadOnlyList<StateItem> operations, CancellationToken ct)
    {
        if (await WriteAsync(store, operations, ct) is { } e)
            throw Failed("ERR_STATE_TRANSACTION", $"error while executing state transaction: {e.Message}");
    }

    /// <summary>400 or 500 (gRPC INVALID_ARGUMENT, FAILED_PRECONDITION) where there is no such store.</summary>
    public (Component Component, IStateStore Instance) Find(string store)
    {
        var any = false;
        foreach (var (component, instance) in components.OfType<IStateStore>())
        {
            any = true;
            if (component.Name == store)
                return (component, instance);
        }
        throw any
            ? new ApiException(400, StatusCode.InvalidArgument, "ERR_STATE_STORE_NOT_FOUND",
                $"state store {store} is not found")
            : new ApiException(500, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED",
                $"state store {store} is not configured");
    }

    /// <summary>
    /// What went wrong, or null. A refused condition is an outcome: no policy repeats it or opens a breaker over it.
    /// </summary>
    async Task<Exception?> WriteAsync(string store, IReadOnlyList<StateItem> items, CancellationToken ct)
    {
        var (component, instance) = Find(store);
        try
        {
            List<StateWrite> writes = [.. items.Select(i => i.ToWrite(KeyPrefix.Full(component, options, i.Key)))];
            return writes.Count == 0
                ? null
                : await PolicyOf(store).RunAsync(t => AttemptAsync(instance, writes, t), _ => null, ct);
        }
        catch (Exception e) when (e is not ApiException && !ct.IsCancellationRequested)
        {
            return e;
        }
    }

    static async Task<Exception?> AttemptAsync(IStateStore store, List<StateWrite> writes, CancellationToken ct)
    {
        try
        {
            await store.WriteAsync(writes, ct);
            return null;
        }
        catch (Exception e) when (e is ETagMismatchException or InvalidETagException or FirstWriteException)
        {
            return e;
        }
    }

    PolicyRunner PolicyOf(string store) => policies.ForComponent(store, ComponentKind.StateStore, Direction.Outbound);

    static ApiException Conditional(Exception e, string code, string message) => e switch
    {
        ETagMismatchException => new(409, StatusCode.Aborted, code, message),
        InvalidETagException => new(400, StatusCode.InvalidArgument, code, message),
        _ => Failed(code, message),
    };

    static ApiException Failed(string code, string message) => new(500, StatusCode.Internal, code, message);
}
