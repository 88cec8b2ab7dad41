using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Publishing over HTTP.</summary>
static class PublishApi
{
    const string MetadataPrefix = "metadata.";

    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static void MapPublish(this IEndpointRouteBuilder api)
    {
        api.MapMethods("/v1.0/publish/{pubsub}/{*topic:minlength(1)}", ["POST", "PUT"], PublishAsync);
        api.MapMethods("/v1.0/publish/bulk/{pubsub}/{*topic:minlength(1)}", ["POST", "PUT"], BulkPublishAsync);
        api.MapMethods("/v1.0-alpha1/publish/bulk/{pubsub}/{*topic:minlength(1)}", ["POST", "PUT"], BulkPublishAsync);
    }

    static async Task<NoContent> PublishAsync(
        string pubsub, string topic, HttpRequest request, Publisher publisher, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, ct);
        await publisher.PublishAsync(
            Target(pubsub, topic, request), body.GetBuffer().AsMemory(0, (int)body.Length), request.ContentType, ct);
        return TypedResults.NoContent();
    }

    static async Task<Results<NoContent, JsonHttpResult<BulkFailure>>> BulkPublishAsync(
        string pubsub, string topic, HttpRequest request, Publisher publisher, CancellationToken ct)
    {
        var entries = (await ReadAsync(pubsub, topic, request, ct)).Select(e => Entry(pubsub, topic, e)).ToList();
        var failed = await publisher.BulkPublishAsync(Target(pubsub, topic, request), entries, ct);
        return failed.Count == 0
            ? TypedResults.NoContent()
            : TypedResults.Json(new BulkFailure(failed, "ERR_PUBSUB_PUBLISH_MESSAGE"), Web, statusCode: 500);
    }

    static PublishTarget Target(string pubsub, string topic, HttpRequest request) =>
        new(pubsub, topic, Metadata(request), request.Headers.TraceParent.FirstOrDefault());

    static Dictionary<string, string> Metadata(HttpRequest request) =>
        request.Query.Where(q => q.Key.StartsWith(MetadataPrefix, StringComparison.Ordinal))
            .ToDictionary(q => q.Key[MetadataPrefix.Length..], q => q.Value.ToString());

    static async Task<IReadOnlyList<EntryBody>> ReadAsync(
        string pubsub, string topic, HttpRequest request, CancellationToken ct)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<List<EntryBody>>(request.Body, Web, ct) ?? [];
        }
        catch (JsonException e)
        {
            throw PubSubErrors.Broken(pubsub, topic, e.Message);
        }
    }

    static BulkEntry Entry(string pubsub, string topic, EntryBody entry) =>
        new(entry.EntryId ?? "", Bytes(pubsub, topic, entry), entry.ContentType, entry.Metadata);

    /// <summary>A string is the data itself, in base64 for binary content; other values are JSON.</summary>
    static byte[] Bytes(string pubsub, string topic, EntryBody entry)
    {
        var isJson = ContentTypes.Is(entry.ContentType, ContentTypes.Json)
            || ContentTypes.Is(entry.ContentType, ContentTypes.CloudEvent);
        if (isJson)
            return Encoding.UTF8.GetBytes(
                entry.Event.ValueKind == JsonValueKind.Undefined ? "null" : entry.Event.GetRawText());
        if (entry.Event.ValueKind != JsonValueKind.String)
            throw PubSubErrors.Entries(
                pubsub, topic, $"the event of entry '{entry.EntryId}' is JSON but its content type is not");
        if (!ContentTypes.Is(entry.ContentType, ContentTypes.Binary))
            return Encoding.UTF8.GetBytes(entry.Event.GetString()!);
        return entry.Event.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw PubSubErrors.Entries(pubsub, topic, $"the event of entry '{entry.EntryId}' is not base64");
    }

    sealed record EntryBody(
        string? EntryId, JsonElement Event, string? ContentType, Dictionary<string, string>? Metadata);

    internal sealed record BulkFailure(IReadOnlyList<FailedEntry> FailedEntries, string ErrorCode);
}
