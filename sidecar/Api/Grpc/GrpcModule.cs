using CloudPhone.Sidecar.Hosting;
using Grpc.AspNetCore.Server.Model;
using Grpc.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using DaprApi = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace CloudPhone.Sidecar.Api.Grpc;

/// <summary>The Dapr API over gRPC, and server reflection, by which clients learn what it has.</summary>
static class GrpcModule
{
    public static IServiceCollection AddGrpcApi(this IServiceCollection services, SidecarOptions options)
    {
        services.AddGrpc(o =>
        {
            o.Interceptors.Add<ErrorInterceptor>();
            o.MaxReceiveMessageSize = options.MaxBodySize is > 0 and <= int.MaxValue ? (int)options.MaxBodySize : null;
            o.MaxSendMessageSize = null;
        });
        services.AddSingleton(new ReflectionServiceImpl(DaprApi.Descriptor));
        services.AddSingleton(new ReflectionV1ServiceImpl(DaprApi.Descriptor));
        return services
            .AddMethods<PublishRpc, PublishRpc.Methods>()
            .AddMethods<SecretsRpc, SecretsRpc.Methods>()
            .AddMethods<BindingsRpc, BindingsRpc.Methods>()
            .AddMethods<MetadataRpc, MetadataRpc.Methods>()
            .AddMethods<InvokeRpc, InvokeRpc.Methods>()
            .AddMethods<StateRpc, StateRpc.Methods>();
    }

    public static void MapGrpcApi(this IEndpointRouteBuilder api)
    {
        api.MapGrpcService<PublishRpc>();
        api.MapGrpcService<SecretsRpc>();
        api.MapGrpcService<BindingsRpc>();
        api.MapGrpcService<MetadataRpc>();
        api.MapGrpcService<InvokeRpc>();
        api.MapGrpcService<StateRpc>();
        api.MapGrpcService<ReflectionServiceImpl>();
        api.MapGrpcService<ReflectionV1ServiceImpl>();
    }

    static IServiceCollection AddMethods<TService, TMethods>(this IServiceCollection services)
        where TService : class
        where TMethods : DaprMethods<TService>
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<TService>, TMethods>());
        return services.AddSingleton<TService>();
    }
}
