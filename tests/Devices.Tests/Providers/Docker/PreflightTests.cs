using CloudPhone.Devices.Providers.Docker;
using CloudPhone.Devices.Providers.Docker.Preflight;
using Docker.DotNet.Models;

namespace CloudPhone.Devices.Tests.Providers.Docker;

public sealed class PreflightTests : IDisposable
{
    const string Memfd = "androidboot.use_memfd=1";
    readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cloudphone-preflight-");

    string Proc => Path.Combine(_root.FullName, "proc");
    string Dev => Path.Combine(_root.FullName, "dev");

    public PreflightTests()
    {
        Directory.CreateDirectory(Dev);
        Write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
        Write("proc/filesystems", "nodev\tsysfs\nnodev\tbinder\n\text4\n");
        Write("proc/sys/fs/inotify/max_user_instances", "1024\n");
        Write("proc/sys/fs/inotify/max_user_watches", "1048576\n");
        Write("proc/sys/net/ipv6/conf/all/disable_ipv6", "0\n");
        Write("dev/dma_heap/system", "");
    }

    void Write(string path, string text)
    {
        var file = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    Dictionary<string, string> Check(string arguments = Memfd, int phones = 100) =>
        NodeChecks.OfAndroid(HostFacts.Read(Proc, Dev), arguments.Split(' '), phones)
            .ToDictionary(c => c.Name, c => c.Status);

    static void AssertOnly(string name, string status, Dictionary<string, string> found) =>
        Assert.Equal([$"{name}={status}"], found.Where(c => c.Value != "ok").Select(c => $"{c.Key}={c.Value}"));

    [Fact]
    public void A_machine_that_has_all_is_fit()
    {
        var checks = NodeChecks.OfAndroid(HostFacts.Read(Proc, Dev), [Memfd], 100);
        Assert.All(checks, c => Assert.Equal("ok", c.Status));
        Assert.Equal(
            ["binder", "shared-memory", "inotify-instances", "inotify-watches", "page-size", "video-memory", "ipv6"],
            checks.Select(c => c.Name));
    }

    [Theory]
    [InlineData("dev/binder")]
    [InlineData("dev/binder1")]
    [InlineData("dev/binderfs/binder-control")]
    public void Binder_is_there_as_devices_too(string device)
    {
        Write("proc/filesystems", "nodev\tsysfs\n\text4\n");
        AssertOnly("binder", "failed", Check());
        Write(device, "");
        Assert.Equal("ok", Check()["binder"]);
    }

    [Theory]
    [InlineData("proc/sys/kernel/osrelease", "3.16.0\n", "shared-memory", "failed")]
    [InlineData("proc/sys/fs/inotify/max_user_instances", "128\n", "inotify-instances", "warn")]
    [InlineData("proc/sys/fs/inotify/max_user_watches", "8192\n", "inotify-watches", "warn")]
    [InlineData("proc/sys/net/ipv6/conf/all/disable_ipv6", "1\n", "ipv6", "warn")]
    public void What_is_missing_is_named(string file, string text, string name, string status)
    {
        Write(file, text);
        AssertOnly(name, status, Check());
        Assert.Equal("ok", Check(phones: 20).GetValueOrDefault(name.StartsWith("inotify", StringComparison.Ordinal)
            ? name : "binder"));
    }

    [Theory]
    [InlineData(16384, "failed")]
    [InlineData(null, "warn")]
    public void Images_are_for_small_pages(int? bytes, string status) => AssertOnly("page-size", status,
        NodeChecks.OfAndroid(HostFacts.Read(Proc, Dev) with { PageBytes = bytes }, [Memfd], 100)
            .ToDictionary(c => c.Name, c => c.Status));

    [Fact]
    public void Memory_is_shared_by_what_the_kernel_and_the_image_agree_on()
    {
        AssertOnly("shared-memory", "failed", Check(arguments: "androidboot.redroid_gpu_mode=guest"));
        Write("dev/ashmem", "");
        Assert.Equal("ok", Check(arguments: "x")["shared-memory"]);
        Write("proc/sys/kernel/osrelease", "3.10.0\n");
        Assert.Equal("ok", Check()["shared-memory"]);
    }

    [Fact]
    public void Video_memory_is_a_heap_or_ion()
    {
        Directory.Delete(Path.Combine(Dev, "dma_heap"), recursive: true);
        AssertOnly("video-memory", "warn", Check());
        Write("dev/ion", "");
        Assert.Equal("ok", Check()["video-memory"]);
    }

    [Fact]
    public void Only_this_machine_is_looked_at_and_only_for_android()
    {
        var here = new DockerNode("here", new("unix:///run/docker.sock"), null, null);
        var away = new DockerNode("away", new("tcp://10.0.0.2:2376"), "/tls", System.Net.IPAddress.Parse("10.0.0.2"));
        var options = new DockerOptions(
            [here, away], "redroid/redroid:13.0.0_64only-latest", false, null, "p", 100, default, [Memfd]);
        var info = new SystemInfoResponse { KernelVersion = "6.1.0-18-amd64", Name = "rack-1" };
        Assert.All(NodePreflight.Of(here, info, options, _root.FullName, "rack-1"), c => Assert.Equal("ok", c.Status));
        var unseen = NodePreflight.Of(away, info, options, _root.FullName, "rack-1").ToDictionary(c => c.Name, c => c.Status);
        Assert.Equal(("warn", "ok"), (unseen["binder"], unseen["shared-memory"]));
        // a socket that leads into another machine, as that of a desktop does
        info.KernelVersion = "6.6.1-linuxkit";
        Assert.Equal("warn", NodePreflight.Of(here, info, options, _root.FullName, "rack-1").Single(c => c.Name == "binder").Status);
        Assert.DoesNotContain(NodePreflight.Of(away, new(), options, _root.FullName, "rack-1"), c => c.Status != "warn");
        Assert.Empty(NodePreflight.Of(
            here, info, options with { Image = "cloudphone/phone-simulator:dev" }));
    }

    [Theory]
    [InlineData("", "0a1b2c3d4e5f", false)] // a container's own name
    [InlineData(".dockerenv", "rack-1", false)]
    [InlineData("run/.containerenv", "rack-1", false)]
    [InlineData("proc/1/cgroup", "rack-1", false)]
    [InlineData("", "rack-1", true)]
    public void A_container_does_not_see_what_the_machine_lacks(string mark, string name, bool isMachine)
    {
        if (mark.Length > 0)
            Write(mark, "12:devices:/docker/0a1b2c3d4e5f\n");
        Write("proc/filesystems", "nodev\tsysfs\n\text4\n");
        Directory.Delete(Path.Combine(Dev, "dma_heap"), recursive: true);
        var node = new DockerNode("here", new("unix:///run/docker.sock"), null, null);
        var options = new DockerOptions([node], "redroid/redroid:13", false, null, "p", 100, default, [Memfd]);
        var checks = NodePreflight.Of(node, new() { KernelVersion = "6.1.0-18-amd64", Name = "rack-1" }, options,
            _root.FullName, name);
        Assert.Equal(isMachine ? "failed" : "warn", checks.Single(c => c.Name == "binder").Status);
        Assert.Equal(isMachine, !checks.Single(c => c.Name == "video-memory").Text
            .StartsWith("It can't be seen", StringComparison.Ordinal));
        Assert.Equal("ok", checks.Single(c => c.Name == "inotify-watches").Status);
    }

    public void Dispose() => _root.Delete(recursive: true);
}
