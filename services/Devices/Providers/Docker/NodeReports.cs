using System.Collections.Concurrent;
using CloudPhone.Contracts;
using CloudPhone.Devices.Providers.Docker.Preflight;
using CloudPhone.Shared.Http;
using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>Tells the scheduler which engines are there and what their machines have. One that is not heard of any more
/// is down.</summary>
sealed partial class NodeReports(
    DockerEngines engines, ImagePulls pulls, IServiceScopeFactory scopes, DockerOptions options, TimeProvider clock,
    ILogger<NodeReports> log)
    : BackgroundService
{
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    readonly ConcurrentDictionary<string, bool> _away = new();
    readonly Dictionary<string, (DateTimeOffset At, IReadOnlyList<NodeCheck> Checks)> _looked = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var registered = new Dictionary<string, IReadOnlyList<NodeCheck>>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReportAsync(registered, stoppingToken);
            }
            catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
            {
                NotTold(log, e.Message);
            }
            await Task.Delay(options.Heartbeat, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <param name="registered">With what was found then: what has changed is told anew.</param>
    async Task ReportAsync(Dictionary<string, IReadOnlyList<NodeCheck>> registered, CancellationToken ct)
    {
        var there = (await Task.WhenAll(engines.All.Select(e => AskAsync(e, ct)))).OfType<Found>().ToList();
        await using var scope = scopes.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredKeyedService<Sibling>(AppIds.Scheduler);
        foreach (var (node, info) in there)
            try
            {
                await RegisterAsync(scheduler, node, info, registered, ct);
            }
            catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
            {
                NotTold(log, e.Message); // the heartbeat of all is told nevertheless
            }
        if (there.Count > 0 && await scheduler.PostAsync<HeartbeatAnswer>("/internal/nodes/heartbeat",
            new { Names = there.Select(f => f.Node.Name).ToArray() }, $"heartbeat-{Guid.CreateVersion7()}", ct)
            is { } answer)
            foreach (var name in answer.Unknown)
                registered.Remove(name);
    }

    async Task RegisterAsync(
        Sibling scheduler, DockerNode node, SystemInfoResponse info,
        Dictionary<string, IReadOnlyList<NodeCheck>> registered, CancellationToken ct)
    {
        List<NodeCheck> checks = [.. ChecksOf(node, info), .. pulls.ChecksOf(node.Name)];
        var isKnown = registered.TryGetValue(node.Name, out var told);
        if (isKnown && told!.SequenceEqual(checks))
            return;
        // what it has is told once: operators may have changed since what it is to take
        await scheduler.PostAsync<object>("/internal/nodes/register", isKnown
            ? new NodeRegistration(node.Name, checks)
            : new(node.Name, checks, (int)info.NCPU, (int)(info.MemTotal >> 30), options.MaxDevices),
            $"register-{Guid.CreateVersion7()}", ct);
        registered[node.Name] = checks;
        foreach (var check in checks.Where(c => c.Status != "ok" && told?.Contains(c) != true))
            Unready(log, node.Name, check.Name, check.Status, check.Text);
    }

    IReadOnlyList<NodeCheck> ChecksOf(DockerNode node, SystemInfoResponse info)
    {
        var now = clock.GetUtcNow();
        if (!_looked.TryGetValue(node.Name, out var last) || now - last.At >= LookEvery)
            _looked[node.Name] = last = (now, NodePreflight.Of(node, info, options));
        return last.Checks;
    }

    async Task<Found?> AskAsync(DockerEngine engine, CancellationToken ct)
    {
        try
        {
            var info = await engine.AskAsync((c, t) => c.System.GetSystemInfoAsync(t), ct, AnswerLimit);
            if (_away.TryRemove(engine.Node.Name, out _))
                Back(log, engine.Node.Name);
            return new(engine.Node, info);
        }
        catch (ProviderException e)
        {
            if (_away.TryAdd(engine.Node.Name, true)) // once, and not every few seconds for as long as it lasts
                Away(log, engine.Node.Name, e.Message);
            return null;
        }
    }

    /// <summary>What is null stays as the scheduler has it.</summary>
    sealed record NodeRegistration(
        string Name, IReadOnlyList<NodeCheck> Preflight, int? CpuCores = null, int? MemoryGB = null,
        int? MaxDevices = null);

    sealed record HeartbeatAnswer(IReadOnlyList<string> Unknown);

    sealed record Found(DockerNode Node, SystemInfoResponse Info);

    [LoggerMessage(1, LogLevel.Warning, "The scheduler could not be told of the nodes: {Reason}")]
    static partial void NotTold(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Node {Node} is away: {Reason}")]
    static partial void Away(ILogger log, string node, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Node {Node}, {Check} {Status}: {Text}")]
    static partial void Unready(ILogger log, string node, string check, string status, string text);

    [LoggerMessage(3, LogLevel.Information, "Node {Node} is back")]
    static partial void Back(ILogger log, string node);
}
