using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Sidecar.Api;

static class MetadataEndpoints
{
    public static void MapMetadata(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1.0/metadata", Get);
        api.MapPut("/v1.0/metadata/{key}", Put);
    }

    static ContentHttpResult Get(SidecarMetadata metadata) =>
        TypedResults.Content(metadata.ToJson().ToJsonString(), "application/json");

    static async Task<NoContent> Put(string key, HttpRequest request, SidecarMetadata metadata, CancellationToken ct)
    {
        using var reader = new StreamReader(request.Body);
        metadata.Extended[key] = await reader.ReadToEndAsync(ct);
        return TypedResults.NoContent();
    }
}
