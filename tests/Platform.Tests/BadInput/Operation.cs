using System.Text.Json.Nodes;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>One operation of a service, as its own OpenAPI document describes it.</summary>
/// <param name="Path">With its placeholders, like <c>/api/devices/{id}</c>.</param>
/// <param name="Body">Schema of its JSON body, references followed; null where it takes none.</param>
/// <param name="Query">Names of its query parameters.</param>
sealed record Operation(
    string AppId, HttpMethod Method, string Path, JsonObject? Body, IReadOnlyList<(string Name, string Type)> Query)
{
    public string Name => $"{Method} {Path}";
    public Audience Audience => Access.Of.TryGetValue(Name, out var audience) ? audience
        : throw new InvalidOperationException($"{Name} of {AppId} is new: say in Access.cs whom it is for.");
    public bool IsPaged => Query.Any(q => q.Name == "limit");
    public bool HasId => Path.Contains('{', StringComparison.Ordinal);

    /// <summary>It is about something that one user has.</summary>
    public bool IsOwned => Examples.Prefixes(Path).Any(p => Examples.At(p).Belongs == Belongs.ToOwner);

    /// <summary>The path with an id in each placeholder.</summary>
    public string At(string id) => string.Join('/', Path.Split('/').Select(s => s.StartsWith('{') ? id : s));

    static readonly string[] Services =
        [AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing, AppIds.Notifications,
            AppIds.Media];

    public static async Task<IReadOnlyList<Operation>> AllAsync(RunningPlatform platform)
    {
        using var http = new HttpClient();
        var all = new List<Operation>();
        foreach (var service in Services)
        {
            var document = JsonNode.Parse(
                await http.GetStringAsync(new Uri(platform.AddressOf(service), "/openapi/v1.json")))!;
            foreach (var (path, operations) in document["paths"]!.AsObject())
                foreach (var (method, operation) in operations!.AsObject())
                    all.Add(new(
                        service, HttpMethod.Parse(method.ToUpperInvariant()), path == "/" ? path : path.TrimEnd('/'),
                        BodyOf(operation!, document), QueryOf(operation!)));
        }
        return all;
    }

    static JsonObject? BodyOf(JsonNode operation, JsonNode document) =>
        operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema
            ? Resolved(schema, document).AsObject() : null;

    /// <summary>The schema itself, also behind a reference or beside null; its properties likewise.</summary>
    static JsonNode Resolved(JsonNode schema, JsonNode document)
    {
        if (schema["oneOf"] is JsonArray choices)
            return Resolved(choices.First(c => c!["$ref"] is not null)!, document);
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            return Resolved(document["components"]!["schemas"]![reference.Split('/')[^1]]!, document);
        var resolved = schema.DeepClone();
        if (resolved["properties"] is JsonObject properties)
            foreach (var (name, property) in properties.ToList())
                properties[name] = Resolved(property!, document);
        return resolved;
    }

    static List<(string, string)> QueryOf(JsonNode operation) =>
        [.. (operation["parameters"] as JsonArray ?? []).Where(p => p!["in"]!.GetValue<string>() == "query")
            .Select(p =>
                (p!["name"]!.GetValue<string>(), (p["schema"]?["format"] ?? p["schema"]?["type"])?.ToString() ?? ""))];
}
