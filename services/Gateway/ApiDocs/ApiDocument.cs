using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPhone.Gateway.Proxy;
using CloudPhone.Shared.Http;

namespace CloudPhone.Gateway.ApiDocs;

/// <summary>
/// Puts the services' own OpenAPI documents together. Schemas get the service's name in front, so that two that share a
/// name don't mix. A service that is away is left out until the next time.
/// </summary>
sealed partial class ApiDocument(
    HttpMessageInvoker client, GatewayOptions options, SiblingAddresses addresses, TimeProvider clock,
        ILogger<ApiDocument> log) : IDisposable
{
    static readonly TimeSpan Kept = TimeSpan.FromSeconds(60);
    /// <summary>Anybody may ask, and each time it costs a call of every service.</summary>
    static readonly TimeSpan KeptWithGaps = TimeSpan.FromSeconds(10);
    readonly SemaphoreSlim _one = new(1);
    (string Json, DateTimeOffset Until)? _current;

    public async Task<string> GetAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_current is { } current && clock.GetUtcNow() < current.Until)
                return current.Json;
            var owners = Routes.Owners.Values.Distinct().ToList();
            var parts = await Task.WhenAll(owners.Select(o => FetchAsync(o, ct)));
            var json = Merge(parts.OfType<JsonObject>()).ToJsonString();
            var kept = parts.All(p => p is not null) ? Kept : KeptWithGaps;
            _current = (json, clock.GetUtcNow() + kept);
            return json;
        }
        finally
        {
            _one.Release();
        }
    }

    async Task<JsonObject?> FetchAsync(string appId, CancellationToken ct)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            using var request = new HttpRequestMessage(
                HttpMethod.Get, new Uri(addresses[appId] ?? options.Sidecar, "/openapi/v1.json"));
            if (addresses[appId] is null)
            {
                request.Headers.Add("dapr-app-id", appId);
                if (options.SidecarToken is { Length: > 0 } token)
                    request.Headers.Add("dapr-api-token", token);
            }
            using var response = await client.SendAsync(request, limit.Token);
            if (!response.IsSuccessStatusCode)
                return null;
            var prefix = appId.Replace("-service", "", StringComparison.Ordinal);
            var text = await response.Content.ReadAsStringAsync(limit.Token);
            text = text.Replace("#/components/schemas/", $"#/components/schemas/{prefix}.", StringComparison.Ordinal);
            var document = JsonNode.Parse(text)!.AsObject();
            Prefix(document, prefix);
            return document;
        }
        catch (Exception e) when (
            e is HttpRequestException or JsonException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            LeftOut(log, appId, e.Message);
            return null;
        }
    }

    static void Prefix(JsonObject document, string prefix)
    {
        if (document["components"]?["schemas"] is not JsonObject schemas)
            return;
        foreach (var (name, schema) in schemas.ToList())
        {
            schemas.Remove(name);
            schemas[$"{prefix}.{name}"] = schema;
        }
    }

    internal static JsonObject Merge(IEnumerable<JsonObject> documents)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject();
        foreach (var document in documents)
        {
            foreach (var (path, operations) in Children(document, "paths").Where(p => !Routes.IsServiceOnly(p.Key)))
                paths[path] = operations;
            if (document["components"] is JsonObject components)
                foreach (var (name, schema) in Children(components, "schemas"))
                    schemas[name] = schema;
        }
        return new()
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "CloudPhone", ["version"] = "v1" },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }), // where the document itself came from
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT" },
                },
            },
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }),
        };
    }

    /// <summary>Taken out of their document: a node has one parent.</summary>
    static List<KeyValuePair<string, JsonNode?>> Children(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject children)
            return [];
        var list = children.ToList();
        children.Clear();
        return list;
    }

    public void Dispose() => _one.Dispose();

    [LoggerMessage(1, LogLevel.Warning, "{AppId} is left out of the API document: {Reason}")]
    static partial void LeftOut(ILogger log, string appId, string reason);
}
