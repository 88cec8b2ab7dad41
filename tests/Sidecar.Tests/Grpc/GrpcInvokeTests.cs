using CloudPhone.Sidecar.Tests.Testing;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using DaprRpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace CloudPhone.Sidecar.Tests.Grpc;

public sealed class GrpcInvokeTests : IAsyncLifetime
{
    RecordingApp _app = null!;
    TestSidecar _sidecar = null!;
    GrpcChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await RecordingApp.StartAsync();
        _sidecar = await TestSidecar.StartAsync("device-service", _app);
        _channel = GrpcChannel.ForAddress(_sidecar.GrpcEndpoint);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _sidecar.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Calls_the_app_by_HTTP()
    {
        _app.On("/devices/7", new Reply(200, """{"ok":true}"""));
        var answer = await new DaprRpc(_channel)
            .InvokeServiceAsync(Request("devices/7", HTTPExtension.Types.Verb.Put, "a=1&b=2"),
            new Metadata { { "x-request-id", "r1" } });
        Assert.Equal("""{"ok":true}""", answer.Data.Value.ToStringUtf8());
        Assert.Equal("application/json", answer.ContentType);
        var seen = Assert.Single(_app.Requests("/devices/7"));
        Assert.Equal(("PUT", "?a=1&b=2", "{}", "application/json", "r1"),
            (seen.Method, seen.Query, seen.Body, seen.Headers["content-type"], seen.Headers["x-request-id"]));
    }

    [Theory]
    [InlineData(404, StatusCode.NotFound)]
    [InlineData(409, StatusCode.AlreadyExists)]
    [InlineData(503, StatusCode.Unavailable)]
    public async Task A_failing_answer_is_a_status(int status, StatusCode code)
    {
        _app.On("/x", new Reply(status, "why"));
        var error = await Assert.ThrowsAsync<RpcException>(
            () => new DaprRpc(_channel).InvokeServiceAsync(Request("x", HTTPExtension.Types.Verb.Get)).ResponseAsync);
        Assert.Equal((code, "why"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task An_unknown_app_is_told()
    {
        var request = Request("x", HTTPExtension.Types.Verb.Get);
        request.Id = "nobody";
        var error = await Assert.ThrowsAsync<RpcException>(
            () => new DaprRpc(_channel).InvokeServiceAsync(request).ResponseAsync);
        Assert.Equal(StatusCode.Internal, error.StatusCode);
        Assert.Contains("failed to invoke, id: nobody, err: ", error.Status.Detail);
    }

    static InvokeServiceRequest Request(string method, HTTPExtension.Types.Verb verb, string query = "") => new()
    {
        Id = "device-service",
        Message = new()
        {
            Method = method, ContentType = "application/json", Data = new() { Value = ByteString.CopyFromUtf8("{}") },
            HttpExtension = new() { Verb = verb, Querystring = query },
        },
    };
}
