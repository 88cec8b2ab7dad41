using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub;

public sealed class ScopeTests
{
    [Theory]
    [InlineData("publishingScopes", "device-service=a,b;user-service=", "a", 204)]
    [InlineData("publishingScopes", "device-service=a,b;user-service=", "c", 403)]
    [InlineData("publishingScopes", "device-service=", "a", 403)]
    [InlineData("publishingScopes", "user-service=a", "c", 204)]
    [InlineData("allowedTopics", "a, b", "b", 204)]
    [InlineData("allowedTopics", "a, b", "c", 403)]
    [InlineData("protectedTopics", "c", "c", 403)]
    [InlineData("protectedTopics", "c", "a", 204)]
    public async Task An_app_may_publish_what_the_component_allows(string field, string value, string topic, int status)
    {
        await using var sidecar = await TestSidecar.StartAsync(
            "device-service", resources: [TestSidecar.Component("pubsub", "pubsub.in-memory", (field, value))]);

        var answer = await sidecar.CallAsync("POST", $"/v1.0/publish/pubsub/{topic}", "{}");

        Assert.Equal(status, answer.Status);
        if (status == 403)
            Assert.Equal(
                ("ERR_PUBSUB_FORBIDDEN", $"topic {topic} is not allowed for app id device-service"),
                (answer.ErrorCode, answer.Message));
    }

    [Fact]
    public async Task A_topic_that_the_app_may_not_subscribe_to_is_passed_over()
    {
        await using var app = await RecordingApp.StartAsync(subscribe: """
            [{"pubsubname":"pubsub","topic":"a","route":"a"},{"pubsubname":"pubsub","topic":"b","route":"b"}]
            """);
        await using var sidecar = await TestSidecar.StartAsync(
            "device-service", app,
            [TestSidecar.Component("pubsub", "pubsub.in-memory", ("subscriptionScopes", "device-service=b"))]);

        await sidecar.CallAsync("POST", "/v1.0/publish/pubsub/a", "{}");
        await sidecar.CallAsync("POST", "/v1.0/publish/pubsub/b", "{}");

        await app.WaitAsync("/b");
        Assert.Empty(app.Requests("/a"));
    }
}
