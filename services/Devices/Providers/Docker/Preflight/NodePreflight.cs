using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker.Preflight;

/// <summary>
/// Looks at a node before phones are placed there. A machine is looked at where its engine is reached by a socket and
/// has the kernel that this process has; of others the engine tells its kernel. A service that runs in a container
/// there sees the machine's kernel but not its devices. Nothing is run there for it: the simulated phone's image has no
/// shell, and redroid does not start without what is looked for.
/// </summary>
static class NodePreflight
{
    /// <param name="root">Of this machine's files, or a folder like it.</param>
    /// <param name="name">This machine's; null: as it has it.</param>
    public static IReadOnlyList<NodeCheck> Of(
        DockerNode node, SystemInfoResponse info, DockerOptions options, string root = "/", string? name = null)
    {
        if (!IsAndroid(options))
            return []; // a simulated phone runs on whatever runs containers
        var facts = HostFacts.OfEngine(info.KernelVersion);
        if (node.Engine.Scheme == "unix" && HostFacts.Read(Path.Combine(root, "proc"), Path.Combine(root, "dev")) is
            var here && here.Kernel == facts.Kernel)
            facts = info.Name == (name ?? Environment.MachineName) && !IsContainer(root) ? here : here.SeenFromWithin();
        return NodeChecks.OfAndroid(facts, options.BootArguments, options.MaxDevices);
    }

    /// <summary>Docker's and Podman's marks: one that shares the machine's name would pass for it.</summary>
    static bool IsContainer(string root) =>
        File.Exists(Path.Combine(root, ".dockerenv")) || File.Exists(Path.Combine(root, "run", ".containerenv"))
        || HostFacts.IsContainerGroup(Path.Combine(root, "proc"));

    static bool IsAndroid(DockerOptions options) => options.IsPrivileged
        || options.Images.Values.Append(options.Image).Any(i => i.Contains("redroid", StringComparison.Ordinal));
}
