namespace CloudPhone.Devices.Providers.Docker.Preflight;

/// <param name="Status"><c>ok</c>, <c>warn</c>, or <c>failed</c>: phones would not run.</param>
/// <param name="Text">What is so and, unless it is right, what to do about it.</param>
sealed record NodeCheck(string Name, string Status, string Text);

/// <summary>
/// Whether a machine has what Android in a container needs, before a phone is placed there. Only what is certain fails:
/// what can't be seen is a warning.
/// </summary>
static class NodeChecks
{
    static readonly Version Memfd = new(3, 17);
    const int PageBytes = 4096;
    // what kernels come with, 128 and 8192, lasts for about fifty phones
    const int InstancesPerPhone = 3;
    const int WatchesPerPhone = 164;

    public static IReadOnlyList<NodeCheck> OfAndroid(HostFacts f, IReadOnlyList<string> bootArguments, int phones) =>
    [
        f.HasBinder switch
        {
            true => Ok("binder", "Phones can have binder devices."),
            false => Failed("binder", "There is no binder: load it (modprobe binder_linux "
                + "devices=binder,hwbinder,vndbinder), or use a kernel with binderfs."),
            null => Unseen("binder", "whether /proc/filesystems has binder, or /dev has binder devices"),
        },
        Memory(f, bootArguments),
        Inotify("inotify-instances", "max_user_instances", f.InotifyInstances, InstancesPerPhone * phones, phones),
        Inotify("inotify-watches", "max_user_watches", f.InotifyWatches, WatchesPerPhone * phones, phones),
        f.PageBytes switch
        {
            PageBytes => Ok("page-size", "Memory pages have 4 KiB."),
            { } other => Failed("page-size", $"Memory pages have {other / 1024} KiB, and the images are for 4: use a "
                + "kernel with pages of 4 KiB."),
            null => Unseen("page-size", "that getconf PAGESIZE is 4096"),
        },
        f.HasMemoryHeaps switch
        {
            true => Ok("video-memory", "There are DMA-BUF heaps, or ION."),
            false => Warn("video-memory", "There is neither /dev/dma_heap nor /dev/ion: phones may have no video "
                + "encoder, and their screens can't be seen then. Use a kernel with CONFIG_DMABUF_HEAPS_SYSTEM."),
            null => Unseen("video-memory", "that there is /dev/dma_heap or /dev/ion"),
        },
        f.HasIPv6 switch
        {
            true => Ok("ipv6", "IPv6 is on."),
            false => Warn("ipv6", "IPv6 is off, and Android's network needs it: set net.ipv6.conf.all.disable_ipv6=0."),
            null => Unseen("ipv6", "that net.ipv6.conf.all.disable_ipv6 is 0"),
        },
    ];

    static NodeCheck Memory(HostFacts f, IReadOnlyList<string> bootArguments)
    {
        const string Name = "shared-memory", Argument = "androidboot.use_memfd=1";
        if (f.HasAshmem == true)
            return Ok(Name, "There is ashmem.");
        if (f.Kernel is null)
            return Unseen(Name, "that the kernel is 3.17 or later");
        if (f.Kernel < Memfd)
            return Failed(Name, $"Kernel {f.Kernel} has no memfd, and there is no ashmem: use a later one.");
        return bootArguments.Contains(Argument) ? Ok(Name, $"Kernel {f.Kernel} has memfd.")
            : f.HasAshmem is null
                ? Unseen(Name, $"that there is /dev/ashmem, or add {Argument} to PHONE_BOOT_ARGUMENTS")
            : Failed(Name, $"There is no ashmem: add {Argument} to PHONE_BOOT_ARGUMENTS.");
    }

    static NodeCheck Inotify(string name, string setting, int? there, int needed, int phones) =>
        there is null ? Unseen(name, $"that fs.inotify.{setting} is {needed} or more")
        : there >= needed ? Ok(name, $"fs.inotify.{setting} is {there}.")
        : Warn(name, $"fs.inotify.{setting} is {there}, which is little for {phones} phones: set it to {needed}.");

    static NodeCheck Ok(string name, string text) => new(name, "ok", text);
    static NodeCheck Warn(string name, string text) => new(name, "warn", text);
    static NodeCheck Failed(string name, string text) => new(name, "failed", text);
    static NodeCheck Unseen(string name, string what) => Warn(name, $"It can't be seen from here: see to it {what}.");
}
