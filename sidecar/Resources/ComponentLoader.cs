namespace CloudPhone.Sidecar.Resources;

public static class ComponentLoader
{
    public static Task LoadAsync(
        LoadedResources resources, IServiceProvider services, ComponentRegistry registry, CancellationToken ct) => Task.CompletedTask;
}
