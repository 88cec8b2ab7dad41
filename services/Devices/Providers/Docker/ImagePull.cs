using System.Collections.Concurrent;
using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>One image on its way to a node, for all who wait for it.</summary>
sealed class ImagePull : IProgress<JSONMessage>
{
    /// <summary>By layer, in bytes.</summary>
    readonly ConcurrentDictionary<string, (long Current, long Total)> _layers = new();

    public Task Task { get; set; } = Task.CompletedTask;

    /// <summary>What the engine said last of what went wrong: it tells so within an answer that began well.</summary>
    public string? Error { get; private set; }

    /// <summary>Of what is known of so far; null: nothing yet.</summary>
    public int? Percent => _layers.Values.Sum(l => l.Total) is > 0 and var total
        ? (int)(100 * _layers.Values.Sum(l => l.Current) / total) : null;

    public void Report(JSONMessage value)
    {
        Error = value.ErrorMessage ?? value.Error?.Message ?? Error;
        if (value.ID is not { Length: > 0 } layer)
            return;
        if (value is { Status: "Downloading", Progress: { Total: > 0 } p })
            _layers[layer] = (p.Current, p.Total);
        else if (value.Status is "Download complete" or "Pull complete" && _layers.TryGetValue(layer, out var known))
            _layers[layer] = (known.Total, known.Total);
    }

    /// <summary>For users: the engine's own words tell of addresses and credentials.</summary>
    public static string Reason(string? words) => words switch
    {
        null => "it can't be pulled",
        _ when Has(words, "manifest unknown", "not found", "does not exist") => "its registry has no such image",
        _ when Has(words, "unauthorized", "denied", "authentication required", "no basic auth") =>
            "its registry refuses it",
        _ when Has(words, "dial tcp", "no such host", "connection refused", "timeout", "deadline exceeded", "lookup ",
            "can't be reached") => "no registry answers: load it onto the node, or make its registry reachable",
        _ => "it can't be pulled",
    };

    static bool Has(string words, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
            if (words.Contains(part, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }
}
