using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.PubSub.RabbitMq;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

public sealed class SettingsTests
{
    const string Url = "amqp://user:s3cret@broker:5673/phones";

    [Theory]
    [InlineData("saslExternal", "true", "is not a field")]
    [InlineData("concurrency", "single", "is not a field")]
    [InlineData("reconnectWait", "5", "is not a field")]
    [InlineData("autoAck", "true", "can only be false")]
    [InlineData("deliveryMode", "3", "must be 0, 1")]
    [InlineData("exchangeKind", "headers", "must be topic")]
    [InlineData("prefetchCount", "256", "must be from 0")]
    [InlineData("concurrencyMode", "double", "must be parallel or single")]
    [InlineData("ttlInSeconds", "-1", "must be more than 0")]
    [InlineData("maxLen", "-1", "must be a whole number")]
    [InlineData("heartBeat", "often", "must be a duration")]
    [InlineData("reconnectWaitSeconds", "0", "must be more than 0")]
    [InlineData("hostname", "elsewhere", "beside connectionString")]
    [InlineData("connectionString", "http://user:s3cret@broker/", "must give an address")]
    [InlineData("connectionString", "amqp://user:s3cret@broker/a/b", "must give an address")]
    [InlineData("connectionString", "", "is required")]
    public void A_wrong_or_unknown_field_is_refused_with_its_file_and_its_name(string name, string value, string why)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read((name, value)));
        Assert.StartsWith(
            $"pubsub.yaml: component 'pubsub': spec.metadata '{name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_the_runtimes()
    {
        var settings = Read();
        Assert.Equal((true, true, 0, false, false), (
            settings.IsDurable, settings.IsAutoDelete, settings.DeliveryMode, settings.Confirms,
            settings.HasDeadLetterQueue));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3)), (settings.Heartbeat, settings.ReconnectWait));
        Assert.Equal("broker:5673, virtual host 'phones'", settings.Server);
        Assert.Equal(("users", 0, false, false), (
            settings.Broker.ConsumerId, settings.Broker.Prefetch, settings.Broker.RequeueInFailure,
            settings.Broker.IsSingle));
    }

    [Fact]
    public void A_host_name_with_user_and_password_stands_for_an_address()
    {
        var settings = Read(
            ("connectionString", ""), ("hostname", "broker:5672"), ("protocol", "amqps"), ("username", "a b"),
            ("password", "p@ss/"));
        Assert.Equal("amqps://a%20b:p%40ss%2F@broker:5672/", settings.Uri.AbsoluteUri);
    }

    static RabbitSettings Read(params (string Name, string Value)[] metadata)
    {
        var values = new Dictionary<string, string> { ["connectionString"] = Url };
        foreach (var (name, value) in metadata)
            values[name] = value;
        return RabbitSettings.Read(
            new("pubsub", "pubsub.rabbitmq", "v1", new("pubsub", "pubsub.yaml", values), false, TimeSpan.FromSeconds(5),
                "pubsub.yaml"), "users");
    }
}
