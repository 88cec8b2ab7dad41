using CloudPhone.Sidecar.Hosting;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace CloudPhone.Sidecar.Api.Grpc;

/// <summary>Turns errors of the API into the runtime's gRPC statuses.</summary>
sealed partial class ErrorInterceptor(ILogger<ErrorInterceptor> log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (ApiException e)
        {
            throw new RpcException(new(e.GrpcStatus, e.Message));
        }
        catch (Exception e) when (e is not RpcException && !context.CancellationToken.IsCancellationRequested)
        {
            Failed(log, e, context.Method);
            throw new RpcException(new(StatusCode.Internal, e.Message));
        }
    }

    [LoggerMessage(60, LogLevel.Error, "{Method} failed")]
    static partial void Failed(ILogger log, Exception e, string method);
}
