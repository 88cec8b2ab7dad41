using CloudPhone.Sidecar.Hosting;
using Grpc.Core;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>The API's errors of publishing, in the runtime's words.</summary>
static class PubSubErrors
{
    public static ApiException NotFound(string pubSub) =>
        new(404, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND", $"pubsub {pubSub} is not found");

    public static ApiException Forbidden(string topic, string appId) =>
        new(403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN",
            $"topic {topic} is not allowed for app id {appId}");

    public static ApiException RawPayload(string value) =>
        new(400, StatusCode.InvalidArgument, "ERR_PUBSUB_REQUEST_METADATA",
            $"failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is '{value}'");

    public static ApiException NoCloudEvent(string reason) =>
        new(500, StatusCode.InvalidArgument, "ERR_PUBSUB_CLOUD_EVENTS_SER", $"cannot create cloudevent: {reason}");

    public static ApiException Entries(string pubSub, string topic, string reason) =>
        new(400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER",
            $"error marshaling events to bytes for topic {topic} pubsub {pubSub}. error: {reason}");

    public static ApiException Broken(string pubSub, string topic, string reason) =>
        new(400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER",
            $"error when unmarshaling the request for topic {topic} pubsub {pubSub}: {reason}");

    public static ApiException Failed(string pubSub, string topic, string reason) =>
        new(500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE",
            $"error when publish to topic {topic} in pubsub {pubSub}: {reason}");
}
