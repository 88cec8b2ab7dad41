using System.Text.Json;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.App;

/// <summary>What the app declares at GET /dapr/config: fetched once, before anything is delivered to it.</summary>
sealed partial class AppConfig(SidecarOptions options, TimeProvider time, ILogger<AppConfig> log)
{
    const int Attempts = 3;
    static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(500);
    static readonly JsonElement Nothing = JsonElement.Parse("{}");

    /// <summary>The document as the app gave it; an empty object until then, or where the app has none.</summary>
    public JsonElement Document { get; private set; } = Nothing;

    /// <summary>The actor types that the app hosts.</summary>
    public IReadOnlyList<string> Entities => Strings(Document, "entities");

    /// <summary>An actor that nobody called for so long is deactivated.</summary>
    public TimeSpan ActorIdleTimeout => Duration(Document, "actorIdleTimeout") ?? TimeSpan.FromHours(1);
    /// <summary>How often idle actors are looked for.</summary>
    public TimeSpan ActorScanInterval => Duration(Document, "actorScanInterval") ?? TimeSpan.FromSeconds(30);
    /// <summary>How long a call may go on in an actor that is to be deactivated.</summary>
    public TimeSpan DrainOngoingCallTimeout => Duration(Document, "drainOngoingCallTimeout") ?? TimeSpan.FromSeconds(2);
    public bool DrainRebalancedActors => Flag(Document, "drainRebalancedActors") ?? true;

    /// <summary>
    /// Entries of <c>entitiesConfig</c>: settings of their own for some of the <see cref="Entities"/>.
    /// </summary>
    public IEnumerable<JsonElement> EntitiesConfig =>
        Property(Document, "entitiesConfig") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>
    /// Whether calls of one chain may enter an actor again, and how deep; 32 unless the app says otherwise.
    /// </summary>
    public static (bool Enabled, int MaxStackDepth) Reentrancy(JsonElement of) =>
        Property(of, "reentrancy") is { ValueKind: JsonValueKind.Object } r
            ? (Flag(r, "enabled") ?? false,
                Property(r, "maxStackDepth") is { ValueKind: JsonValueKind.Number } n ? n.GetInt32() : 32)
            : (false, 32);

    /// <summary>A member by its name in any case, as the runtime reads JSON.</summary>
    public static JsonElement? Property(JsonElement of, string name)
    {
        if (of.ValueKind == JsonValueKind.Object)
            foreach (var p in of.EnumerateObject())
                if (p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return p.Value;
        return null;
    }

    public static IReadOnlyList<string> Strings(JsonElement of, string name) =>
        Property(of, name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!)]
            : [];

    /// <summary>A Go duration, null where it is missing or none.</summary>
    public static TimeSpan? Duration(JsonElement of, string name) =>
        Property(of, name) is { ValueKind: JsonValueKind.String } v
            && GoDuration.TryParse(v.GetString()!, TimeSpan.FromSeconds(1), out var d) ? d : null;

    public static bool? Flag(JsonElement of, string name) =>
        Property(of, name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } v ? v.GetBoolean() : null;

    /// <summary>An app without that endpoint, or with a broken one, has no actors; the sidecar works on.</summary>
    /// <returns>False: it gave no answer, or answered 5xx, and may say more when asked again.</returns>
    internal async Task<bool> FetchAsync(AppChannel channel, CancellationToken ct)
    {
        if (options.DisableInitEndpoints.Contains("config"))
            return true;
        for (var attempt = 1; ; attempt++)
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(channel.BaseAddress, "dapr/config"));
                using var response = await channel.SendAsync(request, ct);
                if (response.IsSuccessStatusCode)
                    Document = Parse(await response.Content.ReadAsByteArrayAsync(ct));
                return (int)response.StatusCode < 500;
            }
            catch (Exception e) when (e is HttpRequestException or AppUnavailableException or JsonException)
            {
                LogFailed(e.Message);
                if (attempt == Attempts || e is JsonException)
                    return e is JsonException;
                await Task.Delay(BetweenAttempts, time, ct);
            }
    }

    static JsonElement Parse(byte[] body) => body.Length == 0 ? Nothing : JsonElement.Parse(body);

    [LoggerMessage(Level = LogLevel.Warning, Message = "GET /dapr/config of the app failed: {Error}")]
    partial void LogFailed(string error);
}
