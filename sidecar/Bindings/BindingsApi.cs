using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;
using Grpc.Core;

namespace CloudPhone.Sidecar.Bindings;

/// <summary>Output bindings as HTTP and gRPC offer them to the app.</summary>
sealed class BindingsApi(ComponentRegistry components, ResiliencyPolicies policies)
{
    /// <exception cref="ApiException">No such binding, no such operation, or it failed.</exception>
    public async Task<BindingData> InvokeAsync(string name, string operation, BindingData request, CancellationToken ct)
    {
        var binding = components.Find<IOutputBinding>(name)
            ?? throw Failed(name, $"couldn't find output binding {name}");
        if (!binding.Operations.Contains(operation))
            throw Failed(name, $"binding {name} does not support operation {operation}. "
                + $"supported operations:{string.Join(' ', binding.Operations)}");
        try
        {
            return await policies.ForComponent(name, ComponentKind.Binding, Direction.Outbound)
                .RunAsync(t => binding.InvokeAsync(operation, request, t), _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw Failed(name, e.Message);
        }
    }

    static ApiException Failed(string name, string why) => new(
        500, StatusCode.Internal, "ERR_INVOKE_OUTPUT_BINDING", $"error invoking output binding {name}: {why}");
}
