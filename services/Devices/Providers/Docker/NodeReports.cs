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
    readonly ConcurrentDictionary<string, bool> _away = new();

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
        {
            List<NodeCheck> checks = [.. NodePreflight.Of(node, info, options), .. pulls.ChecksOf(node.Name)];
            if (registered.TryGetValue(node.Name, out var told) && told.SequenceEqual(checks))
                continue;
            await scheduler.PostAsync<object>("/internal/nodes/register", new
            {
                node.Name, CpuCores = (int)info.NCPU, MemoryGB = (int)(info.MemTotal >> 30), options.MaxDevices,
                Preflight = checks,
            }, $"register-{Guid.CreateVersion7()}", ct);
            registered[node.Name] = checks;
            foreach (var check in checks.Where(c => c.Status != "ok"))
                Unready(log, node.Name, check.Name, check.Status, check.Text);
        }
        if (there.Count > 0 && await scheduler.PostAsync<HeartbeatAnswer>("/internal/nodes/heartbeat",
            new { Names = there.Select(f => f.Node.Name).ToArray() }, $"heartbeat-{Guid.CreateVersion7()}", ct)
            is { } answer)
            foreach (var name in answer.Unknown)
                registered.Remove(name);
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
