using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>On which node each phone is, as its row has it. It is asked each time: a phone moves.</summary>
sealed class PhonePlaces(DockerEngines engines, IServiceScopeFactory scopes)
{
    /// <exception cref="ProviderException">It is nowhere, or on a node that this service does not know.</exception>
    public async Task<DockerEngine> EngineOfAsync(Guid deviceId, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        return engines.Of(await db.Devices.Where(d => d.Id == deviceId).Select(d => d.NodeName).SingleOrDefaultAsync(ct)
            ?? throw new ProviderException("The phone has no node."));
    }
}
