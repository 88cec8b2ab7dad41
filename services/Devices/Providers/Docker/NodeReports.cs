using System.Collections.Concurrent;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>Tells the scheduler which engines are there and what their machines have. One that is not heard of any more
/// is down.</summary>
sealed partial class NodeReports(
    DockerEngines engines, IServiceScopeFactory scopes, DockerOptions options, TimeProvider clock,
    ILogger<NodeReports> log)
    : BackgroundService
{
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    readonly ConcurrentDictionary<string, bool> _away = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var registered = new HashSet<string>();
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

    async Task ReportAsync(HashSet<string> registered, CancellationToken ct)
    {
        var there = (await Task.WhenAll(engines.All.Select(e => AskAsync(e, ct)))).OfType<Found>().ToList();
        await using var scope = scopes.CreateAsyncScope();
        var scheduler = scope.ServiceProvider.GetRequiredKeyedService<Sibling>(AppIds.Scheduler);
        foreach (var (node, info) in there.Where(f => !registered.Contains(f.Node.Name)))
        {
            await scheduler.PostAsync<object>("/internal/nodes/register", new
            {
                node.Name, CpuCores = (int)info.NCPU, MemoryGB = (int)(info.MemTotal >> 30), options.MaxDevices,
            }, $"register-{Guid.CreateVersion7()}", ct);
            registered.Add(node.Name);
        }
        if (there.Count > 0 && await scheduler.PostAsync<HeartbeatAnswer>("/internal/nodes/heartbeat",
            new { Names = there.Select(f => f.Node.Name).ToArray() }, $"heartbeat-{Guid.CreateVersion7()}", ct)
            is { } answer)
            registered.ExceptWith(answer.Unknown);
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

    [LoggerMessage(3, LogLevel.Information, "Node {Node} is back")]
    static partial void Back(ILogger log, string node);
}
