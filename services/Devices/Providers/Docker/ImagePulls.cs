using System.Collections.Concurrent;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers.Docker.Preflight;
using Docker.DotNet;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>
/// Pulls images to nodes: each one to each node once at a time, however many phones wait for it. How far it is stands
/// in those phones' history and with the node.
/// </summary>
sealed partial class ImagePulls(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ImagePulls> log)
{
    static readonly TimeSpan PullLimit = TimeSpan.FromMinutes(10);
    static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(2);
    readonly ConcurrentDictionary<(string Node, string Image), Lazy<ImagePull>> _running = new();
    readonly ConcurrentDictionary<(string Node, string Image), string> _failed = new();

    /// <param name="deviceId">The phone that waits for it; null: none does.</param>
    /// <exception cref="ProviderException">It can't be had; the message says why.</exception>
    public async Task PullAsync(DockerEngine engine, string image, Guid? deviceId, CancellationToken ct)
    {
        var key = (engine.Node.Name, image);
        var pull = _running.GetOrAdd(key, _ => new(() => Start(engine, image))).Value;
        var note = await NoteAsync(deviceId, Text(key, pull), ct);
        try
        {
            while (await Task.WhenAny(pull.Task, Task.Delay(NoteEvery, clock, ct)) != pull.Task)
            {
                ct.ThrowIfCancellationRequested();
                await ChangeAsync(note, Text(key, pull));
            }
            await pull.Task;
            await ChangeAsync(note, $"Node {key.Name} has pulled image {image}.");
        }
        catch (ProviderException e)
        {
            await ChangeAsync(note, e.Message);
            throw;
        }
    }

    /// <summary>What is under way there, and what could not be had.</summary>
    public IReadOnlyList<NodeCheck> ChecksOf(string node) =>
    [
        .. _running.Where(r => r.Key.Node == node)
            .Select(r => new NodeCheck("image", "warn", Text(r.Key, r.Value.Value))),
        .. _failed.Where(f => f.Key.Node == node).Select(f => new NodeCheck("image", "warn", f.Value)),
    ];

    static string Text((string Node, string Image) key, ImagePull pull) => $"Node {key.Node} pulls image {key.Image}"
        + (pull.Percent is { } percent ? $": {percent} %." : ".");

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
            throw new ProviderException(
                _failed[key] = $"Node {key.Name} has no image {image}: {ImagePull.Reason(words)}.", refusal);
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }

    async Task<Guid?> NoteAsync(Guid? deviceId, string text, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        if (await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == deviceId, ct) is not { } device)
            return null;
        var note = DeviceHistoryEntry.OfAct(device, Acts.ImagePulled, text, device.UserId, clock.GetUtcNow());
        db.Add(note);
        await db.SaveChangesAsync(ct);
        return note.Id;
    }

    async Task ChangeAsync(Guid? note, string text)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        await db.InTransactionAsync(() => db.History.Where(h => h.Id == note && h.Reason != text)
            .ExecuteUpdateAsync(s => s.SetProperty(h => h.Reason, text)), CancellationToken.None);
    }

    [LoggerMessage(1, LogLevel.Information, "Node {Node} pulls image {Image}")]
    static partial void Pulling(ILogger log, string node, string image);

    [LoggerMessage(2, LogLevel.Information, "Node {Node} has pulled image {Image}")]
    static partial void Pulled(ILogger log, string node, string image);

    [LoggerMessage(3, LogLevel.Error, "Node {Node} can't pull image {Image}: {Reason}")]
    static partial void NotPulled(ILogger log, string node, string image, string? reason);
}
