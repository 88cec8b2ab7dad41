using System.Collections.Concurrent;
using System.Text;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.PubSub;
using CloudPhone.Sidecar.PubSub.Embedded;
using CloudPhone.Sidecar.Resources;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Sidecar.Tests.PubSub.Embedded;

/// <summary>A broker file and the components on it, without sidecars around them.</summary>
sealed class TestBroker : IAsyncDisposable
{
    public const string Topic = "events";

    readonly string _folder = Directory.CreateTempSubdirectory("broker-test-").FullName;
    readonly TimeProvider _time;

    public TestBroker(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Path = System.IO.Path.Combine(_folder, "broker.db");
    }

    public string Path { get; private set; }

    public SidecarNeighbourhood Neighbourhood { get; private set; } = new();

    public EmbeddedPubSub Component(string appId, params (string Name, string Value)[] metadata)
    {
        var values = new Dictionary<string, string> { ["path"] = Path, ["exchangeKind"] = "topic" };
        foreach (var (name, value) in metadata)
            values[name] = value;
        var services = new ServiceCollection().AddLogging()
            .AddSingleton(new SidecarOptions { AppId = appId }).AddSingleton(Neighbourhood).AddSingleton(_time);
        var component = new Component(
            "pubsub", "pubsub.embedded", "v1", new("pubsub", "pubsub.yaml", values), false, TimeSpan.FromSeconds(5),
            "pubsub.yaml");
        return EmbeddedPubSub.Create(component, services.BuildServiceProvider());
    }

    /// <summary>Ends the process's part of the broker and begins anew on the same file.</summary>
    public async Task ReopenAsync()
    {
        await Neighbourhood.DisposeAsync();
        Neighbourhood = new();
    }

    /// <summary>Goes on with what is on disk at this moment, as after a SIGKILL of the process now.</summary>
    public async Task CrashAsync()
    {
        var image = System.IO.Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".db");
        foreach (var suffix in (string[])["", "-wal"])
            if (File.Exists(Path + suffix))
                await File.WriteAllBytesAsync(image + suffix, await ReadAsync(Path + suffix));
        await ReopenAsync();
        Path = image;
    }

    public async ValueTask DisposeAsync()
    {
        await Neighbourhood.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}

/// <summary>What a subscription's handler was given.</summary>
sealed class Inbox
{
    readonly ConcurrentQueue<string> _taken = new();
    int _running, _most;

    public IReadOnlyList<string> Taken => [.. _taken];

    public int MostAtOnce => _most;

    /// <summary>What the handler does with a message after it was noted; null: acknowledges.</summary>
    public Func<string, Task>? Act { get; init; }

    public async Task HandleAsync(PubSubMessage message, CancellationToken ct)
    {
        var text = Encoding.UTF8.GetString(message.Data.Span);
        var running = Interlocked.Increment(ref _running);
        if (running > _most)
            _most = running;
        _taken.Enqueue(text);
        try
        {
            if (Act is not null)
                await Act(text).WaitAsync(ct);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public async Task<IReadOnlyList<string>> WaitAsync(int count)
    {
        await Wait.UntilAsync($"{count} messages, got {_taken.Count}", () => _taken.Count >= count);
        return Taken;
    }
}

static class PubSubCalls
{
    public static Task SendAsync(
        this EmbeddedPubSub pubSub, string body, string key = "k", params (string Name, string Value)[] metadata) =>
        pubSub.PublishAsync(
            new(TestBroker.Topic, Encoding.UTF8.GetBytes(body), null,
                metadata.Append(("routingKey", key)).ToDictionary(m => m.Item1, m => m.Item2)),
            CancellationToken.None);

    public static Task<IConsumer> ConsumeAsync(
        this EmbeddedPubSub pubSub, Inbox inbox, string keys = "#", string queue = "q",
        string topic = TestBroker.Topic) =>
        pubSub.SubscribeAsync(
            topic, new Dictionary<string, string> { ["queueName"] = queue, ["routingKey"] = keys }, inbox.HandleAsync,
            CancellationToken.None);
}
