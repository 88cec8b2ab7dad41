using System.Text;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Invocation;

/// <summary>The ways to name the target, and what becomes of odd paths; as recorded on the runtime.</summary>
public sealed class AddressingTests
{
    const string Invoke = "/v1.0/invoke/device-service/method";
    const string NoTarget = "failed getting app id either from the URL path or the header dapr-app-id";

    [Theory]
    [InlineData("/v1.0/invoke/device-service/method/a/b", "/a/b")]
    [InlineData("/v1.0/invoke/device-service.default/method/a", "/a")]
    [InlineData(Invoke + "//a/b", "/a/b")]
    [InlineData("/" + Invoke + "/a", "/a")]
    [InlineData(Invoke + "/a//b", "/a/b")]
    [InlineData(Invoke + "/a/", "/a")]
    [InlineData(Invoke + "/a/../b", "/b")]
    [InlineData(Invoke + "/../../../b", "/b")]
    [InlineData(Invoke + "/a%2Fb", "/a/b")]
    [InlineData(Invoke + "/a%20b", "/a%20b")]
    [InlineData(Invoke + "/%E4%BA%91", "/%E4%BA%91")]
    [InlineData(Invoke + "/", "/")]
    [InlineData(Invoke, "/")]
    [InlineData(Invoke + "/a?x=a+b;c&d", "/a?x=a+b;c&d")]
    [InlineData(Invoke + "/a?x=%2F%3F", "/a?x=%2F%3F")]
    public async Task The_path_names_app_and_method(string path, string arrives)
    {
        await using var pair = await Pair.StartAsync();

        Assert.Equal(200, (await pair.Caller.GetAsync(path)).Status);
        Assert.Equal(arrives, pair.Last.Path + pair.Last.Query);
        Assert.DoesNotContain("dapr-app-id", pair.Last.Headers.Keys);
    }

    [Theory]
    [InlineData("/api/devices/1?q=1")]
    [InlineData("/healthz")]
    [InlineData("/")]
    public async Task A_header_names_the_app_on_paths_that_are_nobody_elses(string path)
    {
        await using var pair = await Pair.StartAsync();

        var answer = await pair.Caller.CallAsync("GET", path, null, false, ("dapr-app-id", "device-service"));

        Assert.Equal(200, answer.Status);
        Assert.Equal(path, pair.Last.Path + pair.Last.Query);
        Assert.DoesNotContain("dapr-app-id", pair.Last.Headers.Keys);
    }

    [Fact]
    public async Task Basic_authentication_names_the_app_and_stays_here()
    {
        await using var pair = await Pair.StartAsync();
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("dapr-app-id:device-service"));

        Assert.Equal(200, (await pair.Caller.CallAsync("GET", "/a", null, false, ("authorization", basic))).Status);
        Assert.DoesNotContain("authorization", pair.Last.Headers.Keys);

        var other = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:password"));
        await pair.InvokeAsync("GET", "b", null, false, ("authorization", other));
        Assert.Equal(other, pair.Last.Headers["authorization"]);
    }

    [Fact]
    public async Task The_header_wins_over_the_path()
    {
        await using var pair = await Pair.StartAsync();

        var answer = await pair.InvokeAsync("GET", "a", null, false, ("dapr-app-id", "other"));

        Assert.Equal((500, "ERR_DIRECT_INVOKE"), (answer.Status, answer.ErrorCode));
        Assert.Equal("failed to invoke, id: other, err: no healthy services found with AppID 'other'", answer.Message);
    }

    [Theory]
    [InlineData("GET", "/api/devices/1")]
    [InlineData("GET", "/v1.0/invoke/device-service")]
    [InlineData("GET", "/v1.0/publish/pubsub/topic")]
    public async Task Without_a_target_nothing_is_called(string method, string path)
    {
        await using var pair = await Pair.StartAsync();

        var answer = await pair.Caller.CallAsync(method, path);

        Assert.Equal((404, "ERR_DIRECT_INVOKE", NoTarget), (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Theory]
    [InlineData("/a%3Fb", "rpc error: code = InvalidArgument")]
    [InlineData("/a%23b", "rpc error: code = InvalidArgument")]
    [InlineData("/a%01b", "rpc error: code = InvalidArgument")]
    [InlineData("/a%25b", "error invoking app channel")]
    public async Task A_method_that_can_not_be_sent_is_refused(string method, string why)
    {
        await using var pair = await Pair.StartAsync();

        var answer = await pair.Caller.GetAsync(Invoke + method);

        Assert.Equal((500, "ERR_DIRECT_INVOKE"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith("failed to invoke, id: device-service, err: ", answer.Message, StringComparison.Ordinal);
        Assert.Contains(why, answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(pair.App.Requests(), r => r.Path.StartsWith("/a", StringComparison.Ordinal));
    }
}
