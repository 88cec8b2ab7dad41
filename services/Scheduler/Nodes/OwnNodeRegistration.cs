using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Nodes;

/// <summary>
/// Adds this machine at the first start; later, settings that are given change it. Its state is the operators'.
/// </summary>
sealed partial class OwnNodeRegistration(
    OwnNode own, IServiceScopeFactory scopes, TimeProvider clock, ILogger<OwnNodeRegistration> log)
    : IStartupPreparation
{
    public async Task PrepareAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDb>();
        var now = clock.GetUtcNow();
        var node = await db.Nodes.SingleOrDefaultAsync(n => n.Name == own.Name, ct);
        if (node is null)
        {
            node = new()
            {
                Id = Guid.CreateVersion7(now), Name = own.Name, CpuCores = OwnNode.DefaultCpuCores,
                MemoryGB = OwnNode.DefaultMemoryGB, MaxDevices = OwnNode.DefaultMaxDevices, CreatedAt = now,
                UpdatedAt = now,
            };
            db.Add(node);
        }
        node.CpuCores = own.CpuCores ?? node.CpuCores;
        node.MemoryGB = own.MemoryGB ?? node.MemoryGB;
        node.MaxDevices = own.MaxDevices ?? node.MaxDevices;
        try
        {
            await db.SaveChangesAsync(ct);
            Registered(log, node.Name, node.CpuCores, node.MemoryGB, node.MaxDevices);
        }
        catch (DbUpdateException e) when (e is DbUpdateConcurrencyException || DatabaseErrors.IsDuplicate(e))
        {
            ByReplica(log, own.Name);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Node {Name} has {Cores} cores, {Memory} GB and room for {Devices} phones")]
    static partial void Registered(ILogger log, string name, int cores, int memory, int devices);

    [LoggerMessage(2, LogLevel.Information, "Another replica registers node {Name}")]
    static partial void ByReplica(ILogger log, string name);
}
