using CloudPhone.Sidecar.Bindings;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;

namespace CloudPhone.Sidecar.Api.Grpc;

sealed class BindingsRpc(BindingsApi bindings)
{
    async Task<InvokeBindingResponse> InvokeAsync(InvokeBindingRequest request, ServerCallContext call)
    {
        var answer = await bindings.InvokeAsync(request.Name, request.Operation,
            new(request.Data.ToByteArray(), new Dictionary<string, string>(request.Metadata)), call.CancellationToken);
        var response = new InvokeBindingResponse { Data = UnsafeByteOperations.UnsafeWrap(answer.Data ?? []) };
        foreach (var (key, value) in answer.Metadata)
            response.Metadata.Add(key, value);
        return response;
    }

    public sealed class Methods : DaprMethods<BindingsRpc>
    {
        protected override void AddMethods() =>
            Add<InvokeBindingRequest, InvokeBindingResponse>("InvokeBinding", (s, r, c) => s.InvokeAsync(r, c));
    }
}
