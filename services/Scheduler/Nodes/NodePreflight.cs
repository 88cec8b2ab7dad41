using System.Text.Json;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Nodes;

public enum CheckStatus
{
    Ok,
    /// <summary>It may go wrong, or is not known.</summary>
    Warn,
    /// <summary>Phones would not run: the node takes none.</summary>
    Failed,
}

/// <param name="Text">What is so, and what to do about it.</param>
sealed record NodeCheck(string Name, CheckStatus Status, string Text);

sealed record UnfitNodes(IReadOnlyList<string> Names);

/// <summary>What whoever runs phones on a node has found when it looked whether it can.</summary>
static class NodePreflight
{
    const int MaxChecks = 32;
    const int MaxName = 64;
    const int MaxText = 500;
    const int MaxTold = 20;

    public static void MapUnfit(this RouteGroupBuilder nodes) => nodes.MapGet("/unfit", List);

    /// <summary>Those that would take phones if their machines could run any.</summary>
    static async Task<UnfitNodes> List(SchedulerDb db, CancellationToken ct) => new(await db.Nodes
        .Where(n => n.IsUnfit && n.State == NodeState.Active && n.DownSince == null).OrderBy(n => n.Name).Take(MaxTold)
        .Select(n => n.Name).ToListAsync(ct));

    /// <summary>Null where they are good, or not given.</summary>
    public static ProblemHttpResult? Check(IReadOnlyList<NodeCheck>? checks) =>
        checks is null || (checks.Count <= MaxChecks && checks.All(c => c is not null
            && c.Name is { Length: > 0 and <= MaxName } && c.Text is { Length: <= MaxText })) ? null
            : Problems.BadRequest("bad-request", $"preflight has at most {MaxChecks} entries, with names of 1 to "
                + $"{MaxName} and texts of at most {MaxText} characters.");

    public static void Set(Node node, IReadOnlyList<NodeCheck> checks)
    {
        node.Preflight = checks.Count == 0 ? "" : JsonSerializer.Serialize(checks);
        node.IsUnfit = checks.Any(c => c.Status == CheckStatus.Failed);
    }

    public static IReadOnlyList<NodeCheck> Of(Node node) =>
        node.Preflight.Length == 0 ? [] : JsonSerializer.Deserialize<List<NodeCheck>>(node.Preflight)!;
}
