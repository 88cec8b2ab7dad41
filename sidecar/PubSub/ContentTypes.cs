namespace CloudPhone.Sidecar.PubSub;

/// <summary>Content types without their parameters, in any case.</summary>
static class ContentTypes
{
    public const string Json = "application/json";
    public const string CloudEvent = "application/cloudevents+json";
    public const string Binary = "application/octet-stream";

    public static bool Is(string? contentType, string type) =>
        contentType is not null && contentType.Split(';', 2)[0].Trim().Equals(type, StringComparison.OrdinalIgnoreCase);
}
