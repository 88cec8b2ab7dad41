using System.Net;
using Docker.DotNet;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>The engines of all nodes.</summary>
sealed class DockerEngines(DockerOptions options, ImagePulls pulls, ILogger<DockerEngine> log) : IDisposable
{
    /// <summary>Phones do not see each other.</summary>
    const string Isolated = "com.docker.network.bridge.enable_icc";
    readonly Dictionary<string, DockerEngine> _engines =
        options.Nodes.ToDictionary(n => n.Name, n => new DockerEngine(n, log));

    public IReadOnlyCollection<DockerEngine> All => _engines.Values;

    /// <exception cref="ProviderException">There is no such node.</exception>
    public DockerEngine Of(string node) => _engines.GetValueOrDefault(node)
        ?? throw new ProviderException($"The phone is on node {node}, which is not among DOCKER_NODES.");

    /// <summary>The phones' network and their image.</summary>
    /// <param name="deviceId">The phone that waits for it, if it is one that is made.</param>
    /// <exception cref="ProviderException">It can't be had.</exception>
    public async Task PrepareAsync(
        DockerEngine engine, string image, CancellationToken ct, Guid? deviceId = null)
    {
        await EnsureNetworkAsync(engine, ct);
        if (await HasImageAsync(engine, image, ct))
            await pulls.FoundAsync(engine, image, deviceId, ct);
        else
            await pulls.PullAsync(engine, image, deviceId, ct);
    }

    public static async Task<bool> HasImageAsync(DockerEngine engine, string image, CancellationToken ct)
    {
        try
        {
            await engine.AskAsync((c, t) => c.Images.InspectImageAsync(image, t), ct);
            return true;
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    async Task EnsureNetworkAsync(DockerEngine engine, CancellationToken ct)
    {
        try
        {
            await engine.AskAsync((c, t) => c.Networks.CreateNetworkAsync(new()
            {
                Name = options.Network, Driver = "bridge", CheckDuplicate = true,
                Options = new Dictionary<string, string> { [Isolated] = "false" },
            }, t), ct);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // it is there
        }
    }

    /// <summary>The tag stands behind the last colon, unless that is a registry's port or part of a digest.</summary>
    public static (string Name, string? Tag) Split(string image) => image.LastIndexOf(':') switch
    {
        _ when image.Contains('@', StringComparison.Ordinal) => (image, null),
        var colon when colon > image.LastIndexOf('/') => (image[..colon], image[(colon + 1)..]),
        _ => (image, "latest"),
    };

    public void Dispose()
    {
        foreach (var engine in _engines.Values)
            engine.Dispose();
    }
}
