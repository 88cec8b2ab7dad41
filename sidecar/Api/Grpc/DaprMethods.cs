using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using DaprApi = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace CloudPhone.Sidecar.Api.Grpc;

/// <summary>
/// Adds methods to the gRPC service <c>dapr.proto.runtime.v1.Dapr</c>. The package Dapr.Protos has its messages but no
/// server base, so that each building block adds its own; what none adds is answered UNIMPLEMENTED.
/// </summary>
abstract class DaprMethods<TService> : IServiceMethodProvider<TService> where TService : class
{
    ServiceMethodProviderContext<TService>? _context;

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context)
    {
        _context = context;
        AddMethods();
    }

    protected abstract void AddMethods();

    protected void Add<TRequest, TResponse>(
        string name, Func<TService, TRequest, ServerCallContext, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = new Method<TRequest, TResponse>(
            MethodType.Unary, DaprApi.Descriptor.FullName, name, Marshaller<TRequest>(), Marshaller<TResponse>());
        _context!.AddUnaryMethod(method, [], (service, request, call) => handle(service, request, call));
    }

    static Marshaller<T> Marshaller<T>() where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(() => new());
        return new(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
    }
}
