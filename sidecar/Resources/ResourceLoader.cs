using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Resources;

public static class ResourceLoader
{
    public static LoadedResources Load(SidecarOptions options) => new([], [], new Configuration(), []);
}
