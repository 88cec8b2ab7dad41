using CloudPhone.Testing.Servers;
using RabbitMQ.Client;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>
/// Stands between the exchange of all events and the services' queues, and passes on what comes by as it likes.
/// </summary>
sealed class Detour : IAsyncDisposable
{
    const string Exchange = "cloudphone.events", VirtualHost = "cloudphone";
    static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);
    readonly IConnection _connection;
    readonly IChannel _bindings;
    readonly List<(string Queue, string Key)> _cut = [];
    readonly List<(string Queue, string Key)> _own = [];
    readonly List<Task> _passing = [];
    volatile bool _isOver;
    int _passed;

    Detour(IConnection connection, IChannel bindings) => (_connection, _bindings) = (connection, bindings);

    /// <summary>False: what comes by is lost.</summary>
    public bool IsPassing => _passing.Count > 0;

    /// <summary>How many messages it has passed on.</summary>
    public int Passed => _passed;

    /// <summary>Every message comes to its queue twice.</summary>
    public static Task<Detour> DoublingAsync(RabbitMqServer rabbit, string[] queues) =>
        OpenAsync(rabbit, queues, isCut: false, group: 20);

    /// <summary>Messages come in groups of so many, and in any order within each.</summary>
    public static Task<Detour> ShufflingAsync(RabbitMqServer rabbit, string[] queues, int group) =>
        OpenAsync(rabbit, queues, isCut: true, group);

    /// <summary>The broker takes messages, and no queue gets them.</summary>
    public static Task<Detour> LosingAsync(RabbitMqServer rabbit, string[] queues) =>
        OpenAsync(rabbit, queues, isCut: true, group: 0);

    static async Task<Detour> OpenAsync(RabbitMqServer rabbit, string[] queues, bool isCut, int group)
    {
        var factory = new ConnectionFactory { Uri = new(rabbit.Url(VirtualHost)) };
        var connection = await factory.CreateConnectionAsync();
        var detour = new Detour(connection, await connection.CreateChannelAsync());
        foreach (var queue in queues)
        {
            var keys = (await rabbit.GetAsync($"bindings/{VirtualHost}/e/{Exchange}/q/{queue}")).EnumerateArray()
                .Select(b => b.GetProperty("routing_key").GetString()!).ToArray();
            if (group > 0)
                await detour.PassAsync(queue, keys, group);
            foreach (var key in isCut ? keys : [])
            {
                await detour._bindings.QueueUnbindAsync(queue, Exchange, key);
                detour._cut.Add((queue, key));
            }
        }
        return detour;
    }

    async Task PassAsync(string queue, string[] keys, int group)
    {
        // with confirmations: what a channel has not handed to a quorum queue yet is lost when it closes
        var channel = await _connection.CreateChannelAsync(new(true, true));
        string own = await channel.QueueDeclareAsync();
        foreach (var key in keys)
        {
            await channel.QueueBindAsync(own, Exchange, key);
            _own.Add((own, key));
        }
        _passing.Add(Task.Run(async () =>
        {
            var held = new List<BasicGetResult>();
            // what was routed here before the end may come a little after it
            for (var quiet = 0; quiet < 25;)
            {
                var message = await channel.BasicGetAsync(own, autoAck: true);
                if (message is not null)
                    held.Add(message);
                if (held.Count >= group || message is null)
                    await ReleaseAsync(channel, queue, held);
                quiet = message is null && _isOver ? quiet + 1 : 0;
                if (message is null)
                    await Task.Delay(Idle);
            }
            await channel.CloseAsync();
        }));
    }

    async Task ReleaseAsync(IChannel channel, string queue, List<BasicGetResult> held)
    {
        var messages = held.ToArray();
        held.Clear();
        Random.Shared.Shuffle(messages);
        Interlocked.Add(ref _passed, messages.Length);
        await Task.WhenAll(messages.Select(message => channel.BasicPublishAsync(
            "", queue, false, new BasicProperties(message.BasicProperties), message.Body).AsTask()));
    }

    /// <summary>Messages go their own way again, and those that it holds are passed on.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (queue, key) in _cut)
            await _bindings.QueueBindAsync(queue, Exchange, key);
        foreach (var (queue, key) in _own)
            await _bindings.QueueUnbindAsync(queue, Exchange, key);
        _isOver = true;
        await Task.WhenAll(_passing);
        await _connection.CloseAsync();
        _connection.Dispose();
    }
}
