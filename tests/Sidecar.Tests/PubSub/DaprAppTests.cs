using System.Collections.Concurrent;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;
using Dapr;
using Dapr.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Sidecar.Tests.PubSub;

/// <summary>A real app of Dapr.AspNetCore behind the sidecar.</summary>
public sealed class DaprAppTests : IAsyncLifetime
{
    readonly ConcurrentQueue<(string Handler, string Data)> _handled = new();
    readonly ConcurrentDictionary<string, int> _tries = new();
    readonly SidecarNeighbourhood _neighbourhood = new();
    readonly string _folder = Directory.CreateTempSubdirectory("dapr-app-").FullName;
    WebApplication _app = null!;
    TestSidecar _subscriber = null!, _publisher = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseCloudEvents();
        _app.MapSubscribeHandler();
        _app.MapPost("/events/created", Created);
        _app.MapPost("/events/other", Other);
        _app.MapPost("/events/bulk", Bulk);
        _app.MapPost("/dead", Dead);
        await _app.StartAsync();
        var port = new Uri(_app.Urls.First()).Port;
        string[] resources = [Bus.Embedded("pubsub", _folder), Retries];
        _subscriber = await TestSidecar.StartAsync(
            "notification-service", resources: resources, neighbourhood: _neighbourhood,
            with: o => o with { AppPort = port });
        _publisher = await TestSidecar.StartAsync(
            "device-service", resources: resources, neighbourhood: _neighbourhood);
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _subscriber.DisposeAsync();
        await _neighbourhood.DisposeAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Topics_rules_and_metadata_of_endpoints_become_one_subscription()
    {
        await PublishAsync("d1", "device.created");
        await PublishAsync("d2", "device.stopped");
        await PublishAsync("d3", "user.created");
        await PublishAsync("d4", "device.stopped");

        await Wait.UntilAsync("events", () => _handled.Count >= 3);
        Assert.Equal([("created", "d1"), ("other", "d2"), ("other", "d4")], _handled.Order());
    }

    [Fact]
    public async Task A_bulk_is_answered_entry_by_entry_and_only_what_failed_comes_again()
    {
        string[] ids = ["ok-0", "ok-1", "drop-0", "again-0", "fail-0"];
        var entries = ids.Select(i => $$"""
            {"entryId":"{{i}}","event":{"deviceId":"{{i}}"},"contentType":"application/json",
             "metadata":{"routingKey":"k"} }
            """);
        var answer = await _publisher.CallAsync(
            "POST", "/v1.0/publish/bulk/pubsub/many", $"[{string.Join(',', entries)}]");
        Assert.Equal(204, answer.Status);

        await Wait.UntilAsync("dead letters", () => _handled.Count(h => h.Handler == "dead") >= 2);
        Assert.Equal(["drop-0", "fail-0"], _handled.Where(h => h.Handler == "dead").Select(h => h.Data).Order());
        Assert.Equal([1, 1, 1, 2, 3], ids.Select(i => _tries[i]));
    }

    const string Retries = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: r
        spec:
          policies:
            retries:
              event: {policy: constant, duration: 50ms, maxRetries: 2}
          targets:
            components:
              pubsub:
                inbound: {retry: event}
        """;

    [Topic("pubsub", "events", "event.type == \"device.created\"", 1)]
    [TopicMetadata("routingKey", "device.*")]
    [TopicMetadata("queueName", "notification-service.events")]
    IResult Created(Device device) => Handle("created", device);

    [Topic("pubsub", "events")]
    IResult Other(Device device) => Handle("other", device);

    [Topic("pubsub", "dead")]
    [TopicMetadata("routingKey", "#")]
    IResult Dead(Device device) => Handle("dead", device);

    [Topic("pubsub", "many", DeadLetterTopic = "dead")]
    [BulkSubscribe("many", 100, 200)]
    [TopicMetadata("routingKey", "k")]
    BulkSubscribeAppResponse Bulk(BulkSubscribeMessage<BulkMessageModel<Device>> bulk) =>
        new([.. bulk.Entries.Select(e => new BulkSubscribeAppResponseEntry(e.EntryId, Status(e.Event.Data.DeviceId)))]);

    IResult Handle(string handler, Device device)
    {
        _handled.Enqueue((handler, device.DeviceId));
        return Results.Ok();
    }

    BulkSubscribeAppResponseStatus Status(string id)
    {
        var tries = _tries.AddOrUpdate(id, 1, (_, n) => n + 1);
        return id.Split('-')[0] switch
        {
            "drop" => BulkSubscribeAppResponseStatus.DROP,
            "again" when tries == 1 => BulkSubscribeAppResponseStatus.RETRY,
            "fail" => BulkSubscribeAppResponseStatus.RETRY,
            _ => BulkSubscribeAppResponseStatus.SUCCESS,
        };
    }

    async Task PublishAsync(string deviceId, string type)
    {
        var path = $"/v1.0/publish/pubsub/events?metadata.routingKey={type}&metadata.cloudevent.type={type}";
        var answer = await _publisher.CallAsync("POST", path, $$"""{"deviceId":"{{deviceId}}"}""");
        Assert.Equal(204, answer.Status);
    }

    sealed record Device(string DeviceId);
}
