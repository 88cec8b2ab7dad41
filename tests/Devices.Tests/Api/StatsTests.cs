using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Providers.Docker;
using CloudPhone.Devices.Tests.Testing;
using Docker.DotNet.Models;

namespace CloudPhone.Devices.Tests.Api;

public sealed class StatsTests
{
    [Fact]
    public async Task Of_a_phone_that_runs_for_its_owner()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        using var put = await platform.Client.PutAsync($"/api/devices/{id}/files?path=/sdcard/x",
            new ByteArrayContent(new byte[5000]) { Headers = { ContentType = new("application/octet-stream") } });
        put.EnsureSuccessStatusCode();
        var stats = (await platform.GetAsync<PhoneStats>($"/api/devices/{id}/stats"))!;
        Assert.InRange(stats.CpuPercent, 0, 100 * Environment.ProcessorCount);
        Assert.InRange(stats.MemoryBytes, 1 << 20, 1L << 30);
        Assert.InRange(stats.DiskUsedBytes!.Value, 5000, 1 << 20);
        Assert.Null(stats.NetworkSentBytes);
        using var other = platform.Service.As(Guid.CreateVersion7());
        await Expect.ProblemAsync(await other.GetAsync($"/api/devices/{id}/stats"), 404, "not-found");
        await platform.Client.PostAsync($"/api/devices/{id}/stop", null);
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        await Expect.ProblemAsync(await platform.Client.GetAsync($"/api/devices/{id}/stats"), 409, "wrong-state");
    }

    [Fact]
    public async Task Of_a_phone_that_has_gone_off_by_itself_nobody_knows_any()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("DEVICE_SWEEP_SECONDS", "60"));
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.Provider.StopAsync(id, default);
        await Expect.ProblemAsync(await platform.Client.GetAsync($"/api/devices/{id}/stats"), 504, "no-answer");
    }

    [Fact]
    public void Of_a_container_as_docker_stats_counts()
    {
        var stats = ContainerStats.Of(new()
        {
            CPUStats = new() { CPUUsage = new() { TotalUsage = 600 }, SystemUsage = 2000, OnlineCPUs = 4 },
            PreCPUStats = new() { CPUUsage = new() { TotalUsage = 100 }, SystemUsage = 1000 },
            MemoryStats = new()
            {
                Usage = 1000, Limit = 4000, Stats = new Dictionary<string, ulong> { ["inactive_file"] = 300 },
            },
            Networks = new Dictionary<string, NetworkStats>
            {
                ["eth0"] = new() { RxBytes = 7, TxBytes = 8 }, ["eth1"] = new() { RxBytes = 1, TxBytes = 1 },
            },
            BlkioStats = new()
            {
                IoServiceBytesRecursive = [new() { Op = "Read", Value = 11 }, new() { Op = "write", Value = 12 }],
            },
        });
        Assert.Equal(new PhoneStats(200, 700, 4000, null, 11, 12, 8, 9), stats);
    }
}
