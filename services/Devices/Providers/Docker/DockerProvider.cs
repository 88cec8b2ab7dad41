using System.Globalization;
using System.Net;
using CloudPhone.Adb;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>
/// Phones that are containers. Their names, their volumes' and their labels follow from the device's id, so each call
/// finds what an earlier one, or one that died half-way, has made.
/// </summary>
sealed class DockerProvider(
    DockerEngines engines, DockerCopies copies, IServiceScopeFactory scopes, DockerOptions options,
    DeviceOptions devices)
    : IDeviceProvider
{
    const uint StopSeconds = 10;
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(StopSeconds + 20);
    /// <summary>What a process that was asked to end ends with, where it does not say otherwise.</summary>
    const long Terminated = 128 + 15;

    public async Task CreateAsync(PhoneSpec spec, CancellationToken ct)
    {
        var engine = await EngineOfAsync(spec.DeviceId, ct);
        try
        {
            var plan = ContainerPlan.Of(spec, engine.Node, options, devices.PhoneBootSeconds);
            await engines.PrepareAsync(engine, plan.Image, ct, spec.DeviceId);
            if (options.DataFolder is null)
                await engine.AskAsync((c, t) => c.Volumes.CreateAsync(new()
                {
                    Name = options.VolumeOf(spec), Labels = ContainerPlan.Labels(spec.DeviceId, options),
                }, t), ct);
            await engine.AskAsync((c, t) => c.Containers.CreateContainerAsync(plan, t), ct);
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // an earlier try has made it
        }
        catch (DockerApiException e)
        {
            throw new ProviderException($"No container could be made on node {engine.Node.Name}.", e);
        }
    }

    public async Task StartAsync(Guid deviceId, CancellationToken ct)
    {
        var engine = await EngineOfAsync(deviceId, ct);
        try
        {
            await engine.AskAsync((c, t) => c.Containers.StartContainerAsync(Name(deviceId), new(), t), ct);
        }
        catch (DockerApiException e)
        {
            throw new ProviderException($"The phone's container could not be started on node {engine.Node.Name}.", e);
        }
    }

    public async Task StopAsync(Guid deviceId, CancellationToken ct)
    {
        if (await FindEngineAsync(deviceId, ct) is { } engine)
            await UnlessGoneAsync(() => engine.DoAsync((c, t) => c.Containers.StopContainerAsync(
                Name(deviceId), new() { WaitBeforeKillSeconds = StopSeconds }, t), ct, StopLimit));
    }

    public async Task DiscardAsync(Guid deviceId, CancellationToken ct)
    {
        if (await FindEngineAsync(deviceId, ct) is { } engine)
            await DiscardAsync(deviceId, engine, ct);
    }

    public async Task RemoveAsync(Guid deviceId, CancellationToken ct)
    {
        if (await FindEngineAsync(deviceId, ct) is { } engine)
            await RemoveAsync(deviceId, engine, ct);
    }

    public Task DiscardAsync(FoundPhone phone, CancellationToken ct) =>
        DiscardAsync(phone.DeviceId, engines.Of(phone.NodeName!), ct);

    public Task RemoveAsync(FoundPhone phone, CancellationToken ct) =>
        RemoveAsync(phone.DeviceId, engines.Of(phone.NodeName!), ct);

    async Task DiscardAsync(Guid deviceId, DockerEngine engine, CancellationToken ct) =>
        await UnlessGoneAsync(() => engine.DoAsync(
            (c, t) => c.Containers.RemoveContainerAsync(Name(deviceId), new() { Force = true }, t), ct, StopLimit));

    async Task RemoveAsync(Guid deviceId, DockerEngine engine, CancellationToken ct)
    {
        await DiscardAsync(deviceId, engine, ct);
        if (options.DataFolder is { } folder)
            await RemoveDataAsync(Path.Combine(folder, deviceId.ToString()), ct);
        else
            foreach (var volume in await copies.VolumesOfAsync(engine, deviceId, ct))
                await DockerCopies.RemoveVolumeAsync(engine, volume, ct);
    }

    /// <summary>Links in it are removed, and not followed.</summary>
    static Task RemoveDataAsync(string folder, CancellationToken ct) => Task.Run(() =>
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // it has been removed before, or never held anything
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProviderException("The phone's data can't be removed from the shared folder.", e);
        }
    }, ct);

    public async Task<PhoneState> GetStateAsync(Guid deviceId, CancellationToken ct)
    {
        var engine = await EngineOfAsync(deviceId, ct);
        try
        {
            var container = await engine.AskAsync((c, t) => c.Containers.InspectContainerAsync(Name(deviceId), t), ct);
            return container.State.Running ? new(true, true, AdbOf(deviceId, engine.Node, container))
                : PhoneState.Off(EndOf(container.State));
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return PhoneState.Missing;
        }
    }

    /// <summary>What all nodes share is not for engines to copy.</summary>
    public bool HasSnapshots => options.DataFolder is null;

    public async Task<long> SaveAsync(PhoneSpec spec, Guid snapshotId, CancellationToken ct) =>
        await copies.SaveAsync(await EngineOfAsync(spec.DeviceId, ct), options.VolumeOf(spec), snapshotId,
            options.ImageOf(spec.Look), ct);

    /// <summary>The container is made anew at the next start, on whichever generation is in force then.</summary>
    public async Task LoadAsync(PhoneSpec spec, Guid snapshotId, CancellationToken ct)
    {
        var engine = await EngineOfAsync(spec.DeviceId, ct);
        await DiscardAsync(spec.DeviceId, engine, ct);
        await copies.LoadAsync(engine, options.VolumeOf(spec), ContainerPlan.Labels(spec.DeviceId, options), snapshotId,
            options.ImageOf(spec.Look), ct);
    }

    /// <summary>A generation is in force by its row, and no sooner.</summary>
    public async Task<bool> UndoAsync(PhoneSpec spec, CancellationToken ct)
    {
        await RemoveVolumesAsync(spec.DeviceId, [options.VolumeOf(spec)], ct);
        return true;
    }

    public Task TidyAsync(PhoneSpec spec, CancellationToken ct) => RemoveVolumesAsync(spec.DeviceId,
        [.. Enumerable.Range(0, spec.Generation).Select(g => options.VolumeOf(spec with { Generation = g }))], ct);

    /// <summary>What can't be removed now goes with the phone.</summary>
    async Task RemoveVolumesAsync(Guid deviceId, IReadOnlyCollection<string> which, CancellationToken ct)
    {
        try
        {
            var engine = await EngineOfAsync(deviceId, ct);
            foreach (var volume in (await copies.VolumesOfAsync(engine, deviceId, ct)).Intersect(which))
                await DockerCopies.RemoveVolumeAsync(engine, volume, ct);
        }
        catch (ProviderException)
        {
        }
    }

    public Task DropAsync(Guid snapshotId, CancellationToken ct) => copies.DropAsync(snapshotId, ct);

    public Task<IReadOnlyList<Guid>> ListSnapshotsAsync(CancellationToken ct) => copies.ListAsync(ct);

    public async Task<PhoneStats?> GetStatsAsync(Guid deviceId, CancellationToken ct)
    {
        try
        {
            return await ContainerStats.OfAsync(await EngineOfAsync(deviceId, ct), Name(deviceId), ct);
        }
        catch (DockerApiException)
        {
            return null;
        }
    }

    /// <summary>Nodes that are away are left out.</summary>
    public async Task<IReadOnlyList<FoundPhone>> ListAsync(CancellationToken ct) =>
        [.. (await Task.WhenAll(engines.All.Select(async e =>
            (await ListAsync(e, ct)).Select(id => new FoundPhone(id, e.Node.Name))))).SelectMany(p => p)];

    /// <summary>Containers, and data that lost theirs.</summary>
    async Task<IEnumerable<Guid>> ListAsync(DockerEngine engine, CancellationToken ct)
    {
        var own = ContainerPlan.OwnOf(options);
        try
        {
            var containers = await engine.AskAsync((c, t) =>
                c.Containers.ListContainersAsync(new() { All = true, Filters = own }, t), ct);
            var volumes = await engine.AskAsync((c, t) => c.Volumes.ListAsync(new() { Filters = own }, t), ct);
            return containers.Select(c => c.Labels).Concat((volumes.Volumes ?? []).Select(v => v.Labels))
                .Select(l => l.TryGetValue(ContainerPlan.DeviceLabel, out var text) && Guid.TryParse(text, out var id)
                    ? id : Guid.Empty)
                .Where(id => id != Guid.Empty).Distinct();
        }
        catch (ProviderException)
        {
            return [];
        }
    }

    string Name(Guid deviceId) => options.NameOf(deviceId);

    async Task<DockerEngine> EngineOfAsync(Guid deviceId, CancellationToken ct) =>
        await FindEngineAsync(deviceId, ct) ?? throw new ProviderException("The phone has no node.");

    /// <summary>Where its row has it; asked each time, as a phone moves.</summary>
    /// <returns>Null: it has come to no node yet, and so there is nothing of it.</returns>
    async Task<DockerEngine?> FindEngineAsync(Guid deviceId, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        return await db.Devices.Where(d => d.Id == deviceId).Select(d => d.NodeName).SingleOrDefaultAsync(ct)
            is { } node ? engines.Of(node) : null;
    }

    /// <summary>What doesn't exist is off, and removed.</summary>
    static async Task UnlessGoneAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
        }
        catch (DockerApiException e)
        {
            throw new ProviderException("The phone is in use by something else on its node.", e);
        }
    }

    AdbAddress? AdbOf(Guid deviceId, DockerNode node, ContainerInspectResponse container)
    {
        var serial = deviceId.ToString("N");
        if (node.Publish is not null)
            return container.NetworkSettings.Ports.TryGetValue(ContainerPlan.AdbPort, out var ports)
                && ports is [{ HostPort: var port }, ..]
                ? new(node.Publish.ToString(), int.Parse(port, CultureInfo.InvariantCulture), serial) : null;
        return container.NetworkSettings.Networks.TryGetValue(options.Network, out var network)
            && network.IPAddress is { Length: > 0 } address ? new(address, 5555, serial) : null;
    }

    /// <summary>One that was told to end has not crashed, as when its node is shut down.</summary>
    static PhoneEnd? EndOf(ContainerState state) =>
        DateTimeOffset.TryParse(state.FinishedAt, CultureInfo.InvariantCulture, out var at) && at.Year > 1
            ? new(at, IsOrderly: state is { OOMKilled: false, Dead: false, ExitCode: 0 or Terminated }) : null;
}
