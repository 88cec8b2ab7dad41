using CloudPhone.Sidecar.Hosting;
using Grpc.Core;

namespace CloudPhone.Sidecar.Api;

static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1.0/healthz", Healthz);
        api.MapGet("/v1.0/healthz/outbound", Outbound);
    }

    static IResult Healthz(string? appid, SidecarOptions options, RuntimeStatus status)
    {
        if (!status.IsReady)
            throw NotReady();
        if (appid is { Length: > 0 } && appid != options.AppId)
            throw new ApiException(
                500, StatusCode.Internal, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match");
        return Results.NoContent();
    }

    static IResult Outbound(RuntimeStatus status) => status.IsOutboundReady
        ? Results.NoContent()
        : throw new ApiException(
            500, StatusCode.Internal, "ERR_OUTBOUND_HEALTH_NOT_READY", "dapr outbound is not ready: [runtime]");

    static ApiException NotReady() =>
        new(500, StatusCode.Internal, "ERR_HEALTH_NOT_READY", "dapr is not ready: [runtime]");
}
