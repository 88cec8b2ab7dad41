using CloudPhone.Sidecar.PubSub;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace CloudPhone.Sidecar.Api.Grpc;

sealed class PublishRpc(Publisher publisher)
{
    async Task<Empty> PublishAsync(PublishEventRequest request, ServerCallContext call)
    {
        await publisher.PublishAsync(
            Target(request.PubsubName, request.Topic, request.Metadata, call), request.Data.Memory,
            request.DataContentType, call.CancellationToken);
        return new();
    }

    async Task<BulkPublishResponse> BulkPublishAsync(BulkPublishRequest request, ServerCallContext call)
    {
        var entries = request.Entries.Select(
            e => new BulkEntry(e.EntryId, e.Event.Memory, e.ContentType, Values(e.Metadata))).ToList();
        var failed = await publisher.BulkPublishAsync(
            Target(request.PubsubName, request.Topic, request.Metadata, call), entries, call.CancellationToken);
        var response = new BulkPublishResponse();
        response.FailedEntries.AddRange(
            failed.Select(f => new BulkPublishResponseFailedEntry { EntryId = f.EntryId, Error = f.Error }));
        return response;
    }

    static PublishTarget Target(
        string pubsub, string topic, IDictionary<string, string> metadata, ServerCallContext call) =>
        new(pubsub, topic, Values(metadata), call.RequestHeaders.GetValue(TraceContext.ParentHeader));

    static Dictionary<string, string> Values(IDictionary<string, string> metadata) => new(metadata);

    public sealed class Methods : DaprMethods<PublishRpc>
    {
        protected override void AddMethods()
        {
            Add<PublishEventRequest, Empty>("PublishEvent", (s, r, c) => s.PublishAsync(r, c));
            Add<BulkPublishRequest, BulkPublishResponse>("BulkPublishEvent", (s, r, c) => s.BulkPublishAsync(r, c));
            Add<BulkPublishRequest, BulkPublishResponse>(
                "BulkPublishEventAlpha1", (s, r, c) => s.BulkPublishAsync(r, c));
        }
    }
}
