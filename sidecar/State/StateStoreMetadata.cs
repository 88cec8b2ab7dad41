using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.State;

/// <summary>The metadata that every state store has.</summary>
/// <param name="DefaultTimeToLive"><c>ttlInSeconds</c>; null: what is written stays.</param>
sealed record StateStoreMetadata(TimeSpan? DefaultTimeToLive)
{
    public static StateStoreMetadata Read(Component component, IServiceProvider services)
    {
        var metadata = component.Metadata;
        if (metadata.Get(KeyPrefix.Field) is { } prefix
            && prefix.Contains(KeyPrefix.Separator, StringComparison.Ordinal))
            throw metadata.Wrong(KeyPrefix.Field, $"can't contain '{KeyPrefix.Separator}'");
        if (metadata.GetBool("actorStateStore", false))
            services.GetRequiredService<ActorStateStore>().Claim(component);
        var seconds = metadata.GetInt("ttlInSeconds", 0);
        return new(seconds > 0 ? TimeSpan.FromSeconds(seconds) : null);
    }
}
