using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Scheduler.Nodes;

/// <summary>
/// Labels as they are kept: a line <c>key=value</c> for each, with a line break before the first as well. So one label
/// is looked for as a piece of text, within the statement that takes a node's room, on both databases.
/// </summary>
static class NodeLabels
{
    public const int MaxLabels = 32;
    public const int MaxLength = 64;

    public static string Pack(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == 0 ? "" : $"\n{string.Join('\n', labels.OrderBy(l => l.Key, StringComparer.Ordinal)
            .Select(l => $"{l.Key}={l.Value}"))}\n";

    public static IReadOnlyDictionary<string, string> Unpack(string packed) => packed
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=', 2))
        .ToDictionary(l => l[0], l => l[1]);

    /// <summary>The nodes that have all of these labels.</summary>
    public static IQueryable<Node> WithLabels(
        this IQueryable<Node> nodes, IReadOnlyDictionary<string, string>? selector)
    {
        foreach (var (key, value) in selector ?? new Dictionary<string, string>())
        {
            var line = $"\n{key}={value}\n";
            nodes = nodes.Where(n => n.Labels.Contains(line));
        }
        return nodes;
    }

    /// <summary>Null where they are good, or not given.</summary>
    public static ProblemHttpResult? Check(string field, IReadOnlyDictionary<string, string>? labels) =>
        labels is null || (labels.Count <= MaxLabels && labels.All(l => IsGood(l.Key) && IsGood(l.Value))) ? null
            : Problems.BadRequest("bad-request", $"{field} has at most {MaxLabels} entries; keys and values have 1 to "
                + $"{MaxLength} letters, digits, dots, hyphens, underscores and slashes.");

    static bool IsGood(string? word) => word is { Length: > 0 and <= MaxLength }
        && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/');
}
