using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using CloudPhone.PhoneSimulator.Adb;
using CloudPhone.PhoneSimulator.Tests.Adb;
using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests;

/// <summary>What can be wrong with a phone, on demand.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task A_crash_ends_it_without_a_word_and_one_that_stays_at_every_start()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var client = phone.Client();
        client.DefaultRequestHeaders.Add("X-Fault-Stays", "1");
        await client.PostAsync("/faults/crash", null);
        await Wait.UntilAsync("its end", () => phone.Process.HasExited);
        Assert.NotEqual(0, phone.Process.ExitCode);
        Assert.True(File.Exists(Path.Combine(phone.Folder, "run.json"))); // which is what a crash looks like
        await phone.RestartAsync();
        await Wait.UntilAsync("its end", () => phone.Process.HasExited);
    }

    [Fact]
    public async Task A_hung_adbd_takes_connections_and_says_nothing_until_it_is_cleared()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var client = phone.Client();
        using var before = AdbPeer.Connected(phone.AdbPort);
        await client.PostAsync("/faults/hang", null);
        using var peer = new AdbPeer(phone.AdbPort);
        peer.Send(AdbCommand.Connect, 0x01000001, 4096, "host::");
        before.Send(AdbCommand.Open, 1, 0, "shell:echo a\0");
        Assert.Equal("hang", Assert.Single((await client.GetFromJsonAsync<JsonElement>("/faults"))
            .GetProperty("faults").EnumerateObject()).Name);
        Assert.False(before.HasData || peer.HasData);
        await client.DeleteAsync("/faults/hang");
        Assert.Equal(AdbCommand.Connect, peer.Read()!.Value.Command);
        Assert.Equal(AdbCommand.Okay, before.Read()!.Value.Command);
    }

    [Fact]
    public async Task A_dead_adbd_has_no_port_and_has_the_same_one_again()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var client = phone.Client();
        using var before = AdbPeer.Connected(phone.AdbPort);
        await client.PostAsync("/faults/adb-dead", null);
        Assert.Null(before.Read());
        Assert.Throws<SocketException>(() => new AdbPeer(phone.AdbPort));
        await client.DeleteAsync("/faults/adb-dead");
        using var after = AdbPeer.Connected(phone.AdbPort);
        after.Open(1, "shell:true");
    }

    [Fact]
    public async Task A_boot_that_never_completes_stays_so_over_restarts()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using (var client = phone.Client())
            await client.PostAsync("/faults/no-boot", null);
        await phone.RestartAsync();
        using var again = phone.Client();
        Assert.False(await IsBootedAsync(again));
        using (var peer = AdbPeer.Connected(phone.AdbPort))
        {
            var id = peer.Open(1, "shell:getprop sys.boot_completed");
            Assert.Equal((AdbCommand.Write, id, 1u, "\n"), peer.Read());
        }
        await again.DeleteAsync("/faults/no-boot");
        Assert.True(await IsBootedAsync(again));
        await phone.RestartAsync();
        using var cleared = phone.Client();
        Assert.True(await IsBootedAsync(cleared));
    }

    [Fact]
    public async Task A_slow_one_takes_its_time_and_other_faults_there_are_none()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var client = phone.Client();
        using var peer = AdbPeer.Connected(phone.AdbPort);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/faults/slow/150", null)).StatusCode);
        var watch = Stopwatch.StartNew();
        peer.Open(1, "shell:true");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.29, 30);
        foreach (var wrong in new[] { "slow", "slow/0", "slow/x", "slow/9999999", "other", "hang/1", "" })
            Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsync($"/faults/{wrong}", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync("/faults/hang")).StatusCode);
        using var stranger = phone.Client("wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync("/faults/hang", null)).StatusCode);
    }

    static async Task<bool> IsBootedAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/status")).GetProperty("booted").GetBoolean();
}
