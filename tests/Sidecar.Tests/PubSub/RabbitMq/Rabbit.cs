using CloudPhone.Testing.Servers;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

/// <summary>The one broker of the tests in this folder, which take turns with it; without RabbitMQ they skip.</summary>
[CollectionDefinition(Name)]
public sealed class Rabbit : IAsyncLifetime, ICollectionFixture<Rabbit>
{
    public const string Name = "RabbitMQ";

    RabbitMqServer? _server;

    public RabbitMqServer Server
    {
        get
        {
            if (_server is null)
                Assert.Skip(RabbitMqServer.Missing!);
            return _server!;
        }
    }

    public async ValueTask InitializeAsync() =>
        _server = RabbitMqServer.Missing is null ? await RabbitMqServer.StartAsync() : null;

    public async ValueTask DisposeAsync() => await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
}
