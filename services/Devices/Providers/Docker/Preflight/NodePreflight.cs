using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker.Preflight;

/// <summary>
/// Looks at a node before phones are placed there. A machine is looked at where its engine is reached by a socket and
/// has the kernel that this process has; of others the engine tells its kernel. Nothing is run there for it: the
/// simulated phone's image has no shell, and redroid does not start without what is looked for.
/// </summary>
static class NodePreflight
{
    public static IReadOnlyList<NodeCheck> Of(
        DockerNode node, SystemInfoResponse info, DockerOptions options, string proc = "/proc", string dev = "/dev")
    {
        if (!IsAndroid(options))
            return []; // a simulated phone runs on whatever runs containers
        var facts = HostFacts.OfEngine(info.KernelVersion);
        if (node.Engine.Scheme == "unix" && HostFacts.Read(proc, dev) is var here && here.Kernel == facts.Kernel)
            facts = here;
        return NodeChecks.OfAndroid(facts, options.BootArguments, options.MaxDevices);
    }

    static bool IsAndroid(DockerOptions options) => options.IsPrivileged
        || options.Images.Values.Append(options.Image).Any(i => i.Contains("redroid", StringComparison.Ordinal));
}
