using System.Text.Json.Nodes;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace CloudPhone.Sidecar.Api.Grpc;

/// <summary>What the sidecar tells about itself, and how it is told to end.</summary>
sealed class MetadataRpc(SidecarMetadata metadata, ShutdownRequest shutdown)
{
    Task<GetMetadataResponse> GetAsync(GetMetadataRequest request, ServerCallContext call)
    {
        var json = metadata.ToJson();
        var response = new GetMetadataResponse { Id = Text(json["id"]), RuntimeVersion = Text(json["runtimeVersion"]) };
        foreach (var component in Objects(json["components"]))
        {
            var registered = new RegisteredComponents
            {
                Name = Text(component["name"]), Type = Text(component["type"]), Version = Text(component["version"]),
            };
            registered.Capabilities.AddRange(Items(component["capabilities"]).Select(Text));
            response.RegisteredComponents.Add(registered);
        }
        foreach (var (key, value) in json["extended"]?.AsObject() ?? [])
            response.ExtendedMetadata.Add(key, Text(value));
        response.Subscriptions.AddRange(Objects(json["subscriptions"]).Select(Subscription));
        if (json["appConnectionProperties"] is JsonObject app)
            response.AppConnectionProperties = new()
            {
                Port = app["port"]?.GetValue<int>() ?? 0,
                Protocol = Text(app["protocol"]),
                ChannelAddress = Text(app["channelAddress"]),
                MaxConcurrency = app["maxConcurrency"]?.GetValue<int>() ?? 0,
            };
        return Task.FromResult(response);
    }

    Task<Empty> SetAsync(SetMetadataRequest request, ServerCallContext call)
    {
        metadata.Extended[request.Key] = request.Value;
        return Task.FromResult(new Empty());
    }

    /// <summary>Once the answer is on its way.</summary>
    Task<Empty> ShutdownAsync(Dapr.Client.Autogen.Grpc.v1.ShutdownRequest request, ServerCallContext call)
    {
        call.GetHttpContext().Response.OnCompleted(() =>
        {
            shutdown.Act();
            return Task.CompletedTask;
        });
        return Task.FromResult(new Empty());
    }

    static PubsubSubscription Subscription(JsonObject json)
    {
        var subscription = new PubsubSubscription
        {
            PubsubName = Text(json["pubsubname"]),
            Topic = Text(json["topic"]),
            DeadLetterTopic = Text(json["deadLetterTopic"]),
            Type = Text(json["type"]) == "DECLARATIVE"
                ? PubsubSubscriptionType.Declarative : PubsubSubscriptionType.Programmatic,
            Rules = new(),
        };
        foreach (var (key, value) in json["metadata"]?.AsObject() ?? [])
            subscription.Metadata.Add(key, Text(value));
        subscription.Rules.Rules.AddRange(Objects(json["rules"]).Select(
            r => new PubsubSubscriptionRule { Match = Text(r["match"]), Path = Text(r["path"]) }));
        return subscription;
    }

    static IEnumerable<JsonNode?> Items(JsonNode? list) => list as JsonArray ?? [];

    static IEnumerable<JsonObject> Objects(JsonNode? list) => Items(list).OfType<JsonObject>();

    static string Text(JsonNode? node) => node?.ToString() ?? "";

    public sealed class Methods : DaprMethods<MetadataRpc>
    {
        protected override void AddMethods()
        {
            Add<GetMetadataRequest, GetMetadataResponse>("GetMetadata", (s, r, c) => s.GetAsync(r, c));
            Add<SetMetadataRequest, Empty>("SetMetadata", (s, r, c) => s.SetAsync(r, c));
            Add<Dapr.Client.Autogen.Grpc.v1.ShutdownRequest, Empty>("Shutdown", (s, r, c) => s.ShutdownAsync(r, c));
        }
    }
}
