using System.Net;
using Docker.DotNet;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>
/// Copies of phones' data: volumes, filled by a stream through this service from one engine to the other, or the same.
/// A container that never starts stands at each end, as engines give and take files by containers only.
/// </summary>
sealed class DockerCopies(DockerEngines engines, DockerOptions options)
{
    const string Data = "/data", SnapshotLabel = "io.cloudphone.snapshot", HelperLabel = "io.cloudphone.helper";

    /// <returns>The bytes that were copied.</returns>
    public async Task<long> SaveAsync(
        DockerEngine engine, string volume, Guid snapshotId, string image, CancellationToken ct)
    {
        await engines.PrepareAsync(engine, image, ct);
        await MakeAnewAsync(engine, NameOf(snapshotId), new()
        {
            [ContainerPlan.PlatformLabel] = options.Platform, [SnapshotLabel] = snapshotId.ToString(),
        }, ct);
        return await CopyAsync((engine, volume), (engine, NameOf(snapshotId)), image, ct);
    }

    /// <summary>Into a volume that no container uses yet.</summary>
    public async Task LoadAsync(
        DockerEngine engine, string volume, Dictionary<string, string> labels, Guid snapshotId, string image,
        CancellationToken ct)
    {
        var source = await FindAsync(snapshotId, ct);
        await engines.PrepareAsync(engine, image, ct);
        await engines.PrepareAsync(source, image, ct);
        await MakeAnewAsync(engine, volume, labels, ct);
        await CopyAsync((source, NameOf(snapshotId)), (engine, volume), image, ct);
    }

    /// <summary>All generations of a phone's data that an engine has.</summary>
    public async Task<IReadOnlyList<string>> VolumesOfAsync(DockerEngine engine, Guid deviceId, CancellationToken ct)
    {
        var own = new Dictionary<string, bool>
        {
            [$"{ContainerPlan.PlatformLabel}={options.Platform}"] = true,
            [$"{ContainerPlan.DeviceLabel}={deviceId}"] = true,
        };
        var volumes = await engine.AskAsync((c, t) => c.Volumes.ListAsync(new()
        {
            Filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = own },
        }, t), ct);
        return [.. (volumes.Volumes ?? []).Select(v => v.Name)];
    }

    public async Task DropAsync(Guid snapshotId, CancellationToken ct)
    {
        foreach (var engine in engines.All)
            await RemoveVolumeAsync(engine, NameOf(snapshotId), ct);
    }

    public async Task<IReadOnlyList<Guid>> ListAsync(CancellationToken ct)
    {
        var ids = new HashSet<Guid>();
        foreach (var engine in engines.All)
            try
            {
                var volumes = await engine.AskAsync(
                    (c, t) => c.Volumes.ListAsync(new() { Filters = ContainerPlan.OwnOf(options) }, t), ct);
                foreach (var volume in volumes.Volumes ?? [])
                    if (volume.Labels?.TryGetValue(SnapshotLabel, out var text) == true
                        && Guid.TryParse(text, out var id))
                        ids.Add(id);
            }
            catch (ProviderException)
            {
                // away; the next start looks again
            }
        return [.. ids];
    }

    /// <summary>Helpers of who died in the middle of a copy: of those that are so old nobody is copying any
    /// more.</summary>
    public async Task RemoveOldHelpersAsync(DateTimeOffset before, CancellationToken ct)
    {
        foreach (var engine in engines.All)
            try
            {
                var helpers = await engine.AskAsync((c, t) => c.Containers.ListContainersAsync(new()
                {
                    All = true, Filters = new Dictionary<string, IDictionary<string, bool>>
                    {
                        ["label"] = new Dictionary<string, bool>
                        {
                            [HelperLabel] = true, [$"{ContainerPlan.PlatformLabel}={options.Platform}"] = true,
                        },
                    },
                }, t), ct);
                foreach (var helper in helpers.Where(h => h.Created < before))
                    await RemoveHelperAsync(engine, helper.ID);
            }
            catch (Exception e) when (e is ProviderException or DockerApiException)
            {
                // away; the next start looks again
            }
    }

    async Task<DockerEngine> FindAsync(Guid snapshotId, CancellationToken ct)
    {
        ProviderException? away = null;
        foreach (var engine in engines.All)
            try
            {
                await engine.AskAsync((c, t) => c.Volumes.InspectAsync(NameOf(snapshotId), t), ct);
                return engine;
            }
            catch (ProviderException e)
            {
                away = e;
            }
            catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
            }
        throw away ?? new ProviderException("The snapshot's data are on no node.");
    }

    async Task<long> CopyAsync(
        (DockerEngine Engine, string Volume) from, (DockerEngine Engine, string Volume) to, string image,
        CancellationToken ct)
    {
        string? source = null, target = null;
        try
        {
            source = await HelperAsync(from, image);
            target = await HelperAsync(to, image);
            ct.ThrowIfCancellationRequested();
            var archive = await from.Engine.Client.Containers.GetArchiveFromContainerAsync(
                source, new() { Path = Data }, false, ct);
            await using var counted = new CountedStream(archive.Stream);
            await to.Engine.Client.Containers.ExtractArchiveToContainerAsync(target, new() { Path = "/" }, counted, ct);
            return counted.Count;
        }
        catch (Exception e) when (e is DockerApiException or HttpRequestException or IOException or TimeoutException)
        {
            throw new ProviderException("The phone's data could not be copied.", e);
        }
        finally
        {
            if (source is not null)
                await RemoveHelperAsync(from.Engine, source);
            if (target is not null)
                await RemoveHelperAsync(to.Engine, target);
        }
    }

    /// <summary>Never broken off: a container whose id nobody has heard of would stay.</summary>
    async Task<string> HelperAsync((DockerEngine Engine, string Volume) at, string image)
    {
        try
        {
            return (await at.Engine.AskAsync((c, t) => c.Containers.CreateContainerAsync(new()
            {
                Image = image, Labels = new Dictionary<string, string>
                {
                    [ContainerPlan.PlatformLabel] = options.Platform, [HelperLabel] = "copy",
                },
                HostConfig = new() { Binds = [$"{at.Volume}:{Data}"], NetworkMode = "none" },
            }, t), CancellationToken.None)).ID;
        }
        catch (DockerApiException e)
        {
            throw new ProviderException($"Nothing can be copied on node {at.Engine.Node.Name}.", e);
        }
    }

    /// <summary>One that can't be removed goes before the next copy.</summary>
    static async Task RemoveHelperAsync(DockerEngine engine, string id)
    {
        try
        {
            await engine.DoAsync((c, t) => c.Containers.RemoveContainerAsync(id, new() { Force = true }, t), default);
        }
        catch (Exception e) when (e is ProviderException or DockerApiException)
        {
        }
    }

    /// <summary>Empty, whatever an earlier try has left in it.</summary>
    static async Task MakeAnewAsync(
        DockerEngine engine, string volume, Dictionary<string, string> labels, CancellationToken ct)
    {
        await RemoveVolumeAsync(engine, volume, ct);
        await engine.AskAsync((c, t) => c.Volumes.CreateAsync(new() { Name = volume, Labels = labels }, t), ct);
    }

    /// <summary>With the helpers that were left on it by who died.</summary>
    public static async Task RemoveVolumeAsync(DockerEngine engine, string volume, CancellationToken ct)
    {
        var helpers = await engine.AskAsync((c, t) => c.Containers.ListContainersAsync(new()
        {
            All = true, Filters = new Dictionary<string, IDictionary<string, bool>>
            {
                ["label"] = new Dictionary<string, bool> { [HelperLabel] = true },
                ["volume"] = new Dictionary<string, bool> { [volume] = true },
            },
        }, t), ct);
        foreach (var helper in helpers)
            await RemoveHelperAsync(engine, helper.ID);
        try
        {
            await engine.DoAsync((c, t) => c.Volumes.RemoveAsync(volume, force: true, t), ct);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
        }
        catch (DockerApiException e)
        {
            throw new ProviderException("The data are in use by something else on their node.", e);
        }
    }

    string NameOf(Guid snapshotId) => $"{options.Platform}-snapshot-{snapshotId}";
}
