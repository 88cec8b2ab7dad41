using CloudPhone.Sidecar.Tests.Testing;
using Dapr;
using Dapr.Client;
using Grpc.Core;

namespace CloudPhone.Sidecar.Tests.Grpc;

/// <summary>State over gRPC as the real SDK uses it.</summary>
public sealed class GrpcStateTests : IAsyncLifetime
{
    const string Store = "store";

    sealed record Quota(int Devices, string Name);

    TestSidecar _sidecar = null!;
    DaprClient _dapr = null!;

    public async ValueTask InitializeAsync()
    {
        _sidecar = await TestSidecar.StartAsync(
            "user-service", resources: [TestSidecar.Component(Store, "state.in-memory")]);
        _dapr = new DaprClientBuilder().UseGrpcEndpoint(_sidecar.GrpcEndpoint).UseHttpEndpoint(_sidecar.HttpEndpoint)
            .Build();
    }

    public async ValueTask DisposeAsync()
    {
        _dapr.Dispose();
        await _sidecar.DisposeAsync();
    }

    [Fact]
    public async Task Saves_reads_and_deletes()
    {
        await _dapr.SaveStateAsync(Store, "k", new Quota(3, "手机 <b>"));
        Assert.Equal(new(3, "手机 <b>"), await _dapr.GetStateAsync<Quota>(Store, "k"));
        Assert.Equal("""{"devices":3,"name":"\u624B\u673A \u003Cb\u003E"}""",
            await _sidecar.Http.GetStringAsync($"/v1.0/state/{Store}/k"));
        await _dapr.DeleteStateAsync(Store, "k");
        Assert.Null(await _dapr.GetStateAsync<Quota?>(Store, "k"));
    }

    [Fact]
    public async Task Keeps_bytes_as_they_are()
    {
        byte[] bytes = [0, 255, 34, 10];
        await _dapr.SaveByteStateAsync(Store, "b", bytes);
        Assert.Equal(bytes, (await _dapr.GetByteStateAsync(Store, "b")).ToArray());
    }

    [Fact]
    public async Task An_etag_guards_a_write_and_a_deletion()
    {
        await _dapr.SaveStateAsync(Store, "k", 1);
        var (_, old) = await _dapr.GetStateAndETagAsync<int>(Store, "k");
        Assert.True(await _dapr.TrySaveStateAsync(Store, "k", 2, old));
        Assert.False(await _dapr.TrySaveStateAsync(Store, "k", 3, old));
        Assert.False(await _dapr.TryDeleteStateAsync(Store, "k", old));
        var (value, etag) = await _dapr.GetStateAndETagAsync<int>(Store, "k");
        Assert.Equal(2, value);
        Assert.True(await _dapr.TryDeleteStateAsync(Store, "k", etag));
    }

    [Fact]
    public async Task Reads_writes_and_deletes_in_bulk()
    {
        await _dapr.SaveBulkStateAsync(Store, (List<SaveStateItem<int>>)[new("a", 1, ""), new("b", 2, "")]);
        var items = await _dapr.GetBulkStateAsync<int?>(Store, ["a", "b", "none"], parallelism: null);
        Assert.Equal([1, 2, null], items.Select(i => i.Value));
        await _dapr.DeleteBulkStateAsync(Store, [new("a", ""), new("b", "")]);
        Assert.Equal(0, await _dapr.GetStateAsync<int>(Store, "a"));
    }

    [Fact]
    public async Task A_transaction_is_all_or_nothing()
    {
        await _dapr.SaveStateAsync(Store, "old", 1);
        await _dapr.ExecuteStateTransactionAsync(Store,
            [new("new", "2"u8.ToArray(), StateOperationType.Upsert), new("old", null, StateOperationType.Delete)]);
        Assert.Equal(
            (2, 0), (await _dapr.GetStateAsync<int>(Store, "new"), await _dapr.GetStateAsync<int>(Store, "old")));
        var error = await Assert.ThrowsAsync<DaprException>(() => _dapr.ExecuteStateTransactionAsync(Store,
            [new("third", "3"u8.ToArray(), StateOperationType.Upsert),
                new("new", "4"u8.ToArray(), StateOperationType.Upsert, "999")]));
        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(error.InnerException).StatusCode);
        Assert.Equal(
            (0, 2), (await _dapr.GetStateAsync<int>(Store, "third"), await _dapr.GetStateAsync<int>(Store, "new")));
    }

    [Fact]
    public async Task Expires()
    {
        await _dapr.SaveStateAsync(Store, "k", 1, metadata: new Dictionary<string, string> { ["ttlInSeconds"] = "1" });
        Assert.Equal(1, await _dapr.GetStateAsync<int>(Store, "k"));
        await Wait.UntilAsync("the value's end", async () => await _dapr.GetStateAsync<int>(Store, "k") == 0);
    }

    [Fact]
    public async Task An_unknown_store_is_an_invalid_argument()
    {
        var error = await Assert.ThrowsAsync<DaprException>(() => _dapr.GetStateAsync<int>("nope", "k"));
        Assert.Equal(StatusCode.InvalidArgument, Assert.IsType<RpcException>(error.InnerException).StatusCode);
    }
}
