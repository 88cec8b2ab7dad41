using System.Collections.Concurrent;
using CloudPhone.Devices.Providers.Docker.Preflight;
using Docker.DotNet;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>
/// Pulls images to nodes: each one to each node once at a time, however many phones wait for it. How far it is stands
/// in those phones' history and with the node.
/// </summary>
sealed partial class ImagePulls(PullNotes notes, TimeProvider clock, ILogger<ImagePulls> log)
{
    static readonly TimeSpan PullLimit = TimeSpan.FromMinutes(10);
    static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(2);
    /// <summary>Later nobody knows whether it is still so.</summary>
    static readonly TimeSpan FailureShown = TimeSpan.FromMinutes(10);
    readonly ConcurrentDictionary<(string Node, string Image), Lazy<ImagePull>> _running = new();
    readonly ConcurrentDictionary<(string Node, string Image), (string Text, DateTimeOffset At)> _failed = new();

    /// <param name="deviceId">The phone that waits for it; null: none does.</param>
    /// <exception cref="ProviderException">It can't be had; the message says why.</exception>
    public async Task PullAsync(DockerEngine engine, string image, Guid? deviceId, CancellationToken ct)
    {
        var key = (engine.Node.Name, image);
        var pull = _running.GetOrAdd(key, _ => new(() => Start(engine, image))).Value;
        string? told = null;
        await TellAsync(Text(key, pull), ct);
        try
        {
            while (await Task.WhenAny(pull.Task, Task.Delay(NoteEvery, clock, ct)) != pull.Task)
            {
                ct.ThrowIfCancellationRequested();
                await TellAsync(Text(key, pull), ct);
            }
            await pull.Task;
            await TellAsync(Done(key), CancellationToken.None);
        }
        catch (ProviderException e)
        {
            await TellAsync(e.Message, CancellationToken.None);
            throw;
        }

        async Task TellAsync(string text, CancellationToken stop)
        {
            if (text != told)
                await notes.SetAsync(deviceId, Open(key), told = text, isNew: true, stop);
        }
    }

    /// <summary>The image is there, whatever was said before: somebody loaded it, or the process that pulled it could
    /// not say so any more.</summary>
    public Task FoundAsync(DockerEngine engine, string image, Guid? deviceId, CancellationToken ct)
    {
        var key = (engine.Node.Name, image);
        _failed.TryRemove(key, out _);
        return notes.SetAsync(deviceId, Open(key), Done(key), isNew: false, ct);
    }

    /// <summary>What is under way there, and what could not be had.</summary>
    public IReadOnlyList<NodeCheck> ChecksOf(string node) =>
    [
        .. _running.Where(r => r.Key.Node == node)
            .Select(r => new NodeCheck("image", "warn", Text(r.Key, r.Value.Value))),
        .. _failed.Where(f => f.Key.Node == node && clock.GetUtcNow() - f.Value.At < FailureShown)
            .Select(f => new NodeCheck("image", "warn", f.Value.Text)),
    ];

    static string Open((string Node, string Image) key) => $"Node {key.Node} pulls image {key.Image}";

    static string Text((string Node, string Image) key, ImagePull pull) => Open(key)
        + (pull.Percent is { } percent ? $": {percent} %." : ".");

    static string Done((string Node, string Image) key) => $"Node {key.Node} has pulled image {key.Image}.";

    ImagePull Start(DockerEngine engine, string image)
    {
        var pull = new ImagePull();
        pull.Task = Task.Run(() => RunAsync(engine, image, pull));
        return pull;
    }

    /// <summary>Whoever asked first may be gone: it goes on for the others.</summary>
    async Task RunAsync(DockerEngine engine, string image, ImagePull pull)
    {
        var key = (engine.Node.Name, image);
        Pulling(log, engine.Node.Name, image);
        Exception? refusal = null;
        try
        {
            var (name, tag) = DockerEngines.Split(image);
            await engine.DoAsync((c, t) => c.Images.CreateImageAsync(
                new() { FromImage = name, Tag = tag }, null, pull, t), CancellationToken.None, PullLimit);
        }
        catch (Exception e) when (e is DockerApiException or ProviderException)
        {
            refusal = e;
        }
        try
        {
            if (await DockerEngines.HasImageAsync(engine, image, CancellationToken.None))
            {
                _failed.TryRemove(key, out _);
                Pulled(log, engine.Node.Name, image);
                return;
            }
            var words = pull.Error ?? refusal?.InnerException?.Message ?? refusal?.Message;
            NotPulled(log, engine.Node.Name, image, words);
            var text = $"Node {key.Name} has no image {image}: {ImagePull.Reason(words)}.";
            _failed[key] = (text, clock.GetUtcNow());
            throw new ProviderException(text, refusal);
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Node {Node} pulls image {Image}")]
    static partial void Pulling(ILogger log, string node, string image);

    [LoggerMessage(2, LogLevel.Information, "Node {Node} has pulled image {Image}")]
    static partial void Pulled(ILogger log, string node, string image);

    [LoggerMessage(3, LogLevel.Error, "Node {Node} can't pull image {Image}: {Reason}")]
    static partial void NotPulled(ILogger log, string node, string image, string? reason);
}
