using CloudPhone.Sidecar.State;
using CloudPhone.Sidecar.State.Http;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using StateItem = CloudPhone.Sidecar.State.StateItem;
using WireItem = Dapr.Client.Autogen.Grpc.v1.StateItem;

namespace CloudPhone.Sidecar.Api.Grpc;

sealed class StateRpc(StateApi state)
{
    const string ExpiryKey = "ttlExpireTime";

    async Task<GetStateResponse> GetAsync(GetStateRequest request, ServerCallContext call)
    {
        var response = new GetStateResponse();
        if (await state.GetAsync(request.StoreName, request.Key, call.CancellationToken) is not { } value)
            return response;
        response.Data = UnsafeByteOperations.UnsafeWrap(value.Data);
        response.Etag = value.ETag;
        if (StateContent.ExpiryText(value) is { } expiry)
            response.Metadata.Add(ExpiryKey, expiry);
        return response;
    }

    async Task<GetBulkStateResponse> GetBulkAsync(GetBulkStateRequest request, ServerCallContext call)
    {
        var values = await state.GetBulkAsync(request.StoreName, request.Keys, call.CancellationToken);
        var response = new GetBulkStateResponse();
        foreach (var (key, value) in request.Keys.Zip(values))
        {
            var item = new BulkStateItem { Key = key };
            if (value is not null)
                (item.Data, item.Etag) = (UnsafeByteOperations.UnsafeWrap(value.Data), value.ETag);
            if (StateContent.ExpiryText(value) is { } expiry)
                item.Metadata.Add(ExpiryKey, expiry);
            response.Items.Add(item);
        }
        return response;
    }

    async Task<Empty> SaveAsync(SaveStateRequest request, ServerCallContext call)
    {
        await state.SaveAsync(request.StoreName, [.. request.States.Select(Item)], call.CancellationToken);
        return new();
    }

    async Task<Empty> DeleteAsync(DeleteStateRequest request, ServerCallContext call)
    {
        await state.DeleteAsync(request.StoreName,
            [new(request.Key, null, request.Etag?.Value, IsFirstWrite(request.Options), request.Metadata.AsReadOnly())],
            call.CancellationToken);
        return new();
    }

    async Task<Empty> DeleteBulkAsync(DeleteBulkStateRequest request, ServerCallContext call)
    {
        await state.DeleteAsync(request.StoreName, [.. request.States.Select(Item)], call.CancellationToken);
        return new();
    }

    async Task<Empty> TransactAsync(ExecuteStateTransactionRequest request, ServerCallContext call)
    {
        await state.TransactAsync(request.StoreName, [.. request.Operations.Select(Operation)], call.CancellationToken);
        return new();
    }

    static StateItem Operation(TransactionalStateOperation o) => (o.OperationType, o.Request) switch
    {
        (_, null) => throw new RpcException(new(StatusCode.InvalidArgument, "an operation has no request")),
        ("upsert", var item) => Item(item),
        ("delete", var item) => Item(item) with { Value = null },
        var (other, _) =>
            throw new RpcException(new(StatusCode.Unimplemented, $"operation type {other} not supported")),
    };

    static StateItem Item(WireItem item) =>
        new(item.Key, item.Value.ToByteArray(), item.Etag?.Value, IsFirstWrite(item.Options),
            item.Metadata.AsReadOnly());

    static bool IsFirstWrite(StateOptions? options) =>
        options?.Concurrency == StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite;

    public sealed class Methods : DaprMethods<StateRpc>
    {
        protected override void AddMethods()
        {
            Add<GetStateRequest, GetStateResponse>("GetState", (s, r, c) => s.GetAsync(r, c));
            Add<GetBulkStateRequest, GetBulkStateResponse>("GetBulkState", (s, r, c) => s.GetBulkAsync(r, c));
            Add<SaveStateRequest, Empty>("SaveState", (s, r, c) => s.SaveAsync(r, c));
            Add<DeleteStateRequest, Empty>("DeleteState", (s, r, c) => s.DeleteAsync(r, c));
            Add<DeleteBulkStateRequest, Empty>("DeleteBulkState", (s, r, c) => s.DeleteBulkAsync(r, c));
            Add<ExecuteStateTransactionRequest, Empty>("ExecuteStateTransaction", (s, r, c) => s.TransactAsync(r, c));
        }
    }
}
