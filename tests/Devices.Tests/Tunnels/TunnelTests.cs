using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Adb;
using CloudPhone.Apps.Tests;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Devices.Tunnels;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Tunnels;

/// <summary>Phones by users' own adb.</summary>
public sealed class TunnelTests : IAsyncLifetime
{
    static readonly int First = 42_000 + (Environment.ProcessId % 100 * 10);
    readonly Guid _session = Guid.CreateVersion7();
    readonly RSA _rsa = RSA.Create(2048);
    DevicePlatform _platform = null!;
    Guid _phone;

    string Path => $"/api/devices/{_phone}/adb";

    public async ValueTask InitializeAsync()
    {
        _platform = await DevicePlatform.StartAsync(settings: [
            ("ADB_TUNNEL_PORTS", $"{First}-{First + 9}"), ("REVOCATION_POLL_SECONDS", "1")]);
        _phone = (await _platform.CreateRunningAsync()).Id;
    }

    async Task<JsonElement> OpenAsync(string? key = null, int? minutes = null)
    {
        using var answer = await _platform.Client.PostAsJsonAsync(
            Path, new { publicKey = key ?? AdbKeyTests.TextOf(_rsa), minutes });
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    async Task<int> CountAsync() =>
        (await _platform.Client.GetFromJsonAsync<JsonElement>(Path)).GetProperty("items").GetArrayLength();

    static int PortOf(JsonElement tunnel) => tunnel.GetProperty("port").GetInt32();

    [Fact]
    public async Task Debians_adb_does_all_that_it_does_with_a_phone()
    {
        Assert.SkipWhen(AdbClient.Missing is not null, AdbClient.Missing ?? "");
        await using var adb = await AdbClient.StartAsync();
        var tunnel = await OpenAsync(adb.PublicKey);
        Assert.Equal($"127.0.0.1:{PortOf(tunnel)}", tunnel.GetProperty("address").GetString());
        await adb.ConnectAsync(PortOf(tunnel));
        Assert.Equal($"{_phone:N}", (await adb.CallAsync("shell", "getprop", "ro.serialno")).Text);
        Assert.Equal(7, (await adb.CallAsync("shell", "exit 7")).Code);

        var file = System.IO.Path.GetTempFileName();
        try
        {
            var bytes = RandomNumberGenerator.GetBytes(3_000_001);
            await File.WriteAllBytesAsync(file, bytes);
            Assert.Equal(0, (await adb.CallAsync("push", file, "/sdcard/big")).Code);
            await File.WriteAllBytesAsync(file, []);
            Assert.Equal(0, (await adb.CallAsync("pull", "/sdcard/big", file)).Code);
            Assert.Equal(bytes, await File.ReadAllBytesAsync(file));
            var apk = file + ".apk";
            await File.WriteAllBytesAsync(apk, TestApk.Of("org.example.tunnel"));
            Assert.Contains("Success", (await adb.CallAsync("install", apk)).Text, StringComparison.Ordinal);
            File.Delete(apk);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Contains("package:org.example.tunnel",
            (await adb.CallAsync("shell", "pm", "list", "packages")).Text, StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'],
            (await adb.CallAsync("exec-out", "screencap", "-p")).Output[..4]);

        await using var stranger = await AdbClient.StartAsync();
        // its words may be "connected to", where the port was opened and the refusal comes a moment later
        await stranger.RunAsync("connect", tunnel.GetProperty("address").GetString()!);
        Assert.DoesNotContain("\tdevice", (await stranger.RunAsync("devices")).Text, StringComparison.Ordinal);
        Assert.NotEqual(0, (await stranger.RunAsync(
            "-s", tunnel.GetProperty("address").GetString()!, "shell", "id")).Code);
    }

    [Fact]
    public async Task Only_the_key_that_it_was_opened_for_is_let_in()
    {
        using var other = RSA.Create(2048);
        var port = PortOf(await OpenAsync());
        using (var own = await TunnelPeer.ConnectAsync(port))
            Assert.StartsWith("device::", await own.AuthenticateAsync(_rsa), StringComparison.Ordinal);
        using (var stranger = await TunnelPeer.ConnectAsync(port))
            Assert.Null(await stranger.AuthenticateAsync(other));
        using (var late = await TunnelPeer.ConnectAsync(port)) // by his second key
            Assert.StartsWith("device::", await late.AuthenticateAsync(other, _rsa), StringComparison.Ordinal);
        using (var pushy = await TunnelPeer.ConnectAsync(port))
            Assert.True(await pushy.IsCutOffAfterAsync(AdbCommand.Auth, 3, "QAAAAA== me\0"u8.ToArray()));
        using (var silent = await TunnelPeer.ConnectAsync(port, says: false))
            Assert.True(await silent.IsCutOffAfterAsync(AdbCommand.Open, 1, "shell:id\0"u8.ToArray()));
        Assert.Equal(2, (await ActsAsync()).Count(a => a == Acts.AdbConnected));
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("expired")]
    [InlineData("stopped")]
    [InlineData("deleted")]
    public async Task It_ends_with_all_that_goes_through_it(string how)
    {
        var tunnel = await OpenAsync();
        using var peer = await TunnelPeer.ConnectAsync(PortOf(tunnel));
        Assert.NotNull(await peer.AuthenticateAsync(_rsa));
        var id = tunnel.GetProperty("id").GetGuid();
        switch (how)
        {
            case "closed":
                (await _platform.Client.DeleteAsync($"{Path}/{id}")).EnsureSuccessStatusCode();
                break;
            case "expired":
                await _platform.Service.InDatabaseAsync(db => db.Set<Tunnel>().ExecuteUpdateAsync(s =>
                    s.SetProperty(t => t.ExpiresAt, DateTimeOffset.UtcNow)));
                break;
            case "stopped":
                (await _platform.Client.PostAsync($"/api/devices/{_phone}/stop", null)).EnsureSuccessStatusCode();
                break;
            default:
                (await _platform.Client.DeleteAsync($"/api/devices/{_phone}")).EnsureSuccessStatusCode();
                break;
        }
        Assert.True(await peer.EndsAsync());
        await Wait.UntilAsync("the port to be closed", () => !IsListening(PortOf(tunnel)));
        Assert.NotNull((await _platform.Service.InDatabaseAsync(db => db.Set<Tunnel>().SingleAsync())).ClosedAt);
    }

    [Fact]
    public async Task It_ends_with_the_session_that_opened_it_and_no_other_does()
    {
        using var kept = await TunnelPeer.ConnectAsync(PortOf(await OpenAsync()));
        Assert.NotNull(await kept.AuthenticateAsync(_rsa));
        var tunnel = await OpenInSessionAsync(_session);
        using var peer = await TunnelPeer.ConnectAsync(PortOf(tunnel));
        Assert.NotNull(await peer.AuthenticateAsync(_rsa));
        _platform.Siblings.Revoked.Enqueue(_session);
        Assert.True(await peer.EndsAsync());
        await Wait.UntilAsync("the port to be closed", () => !IsListening(PortOf(tunnel)));
        Assert.True(await IsClosedAsync(tunnel));
        Assert.Equal(1, (await ActsAsync()).Count(a => a == Acts.AdbClosed));
        Assert.Equal(1, await CountAsync());
        using var again = await TunnelPeer.ConnectAsync(PortOf(await OpenAsync()));
        Assert.NotNull(await again.AuthenticateAsync(_rsa));
    }

    /// <summary>Longer ago than the feed goes back.</summary>
    [Fact]
    public async Task It_ends_with_a_session_that_ended_while_no_replica_ran()
    {
        var (tunnel, kept) = (await OpenInSessionAsync(_session), await OpenAsync());
        await _platform.Service.InDatabaseAsync(db => db.Set<Tunnel>().Where(t => t.Port == PortOf(kept))
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.SessionId, (Guid?)null))); // as older versions opened them
        await _platform.StopServiceAsync();
        _platform.Siblings.Over.Enqueue(_session);
        await _platform.StartServiceAsync();
        using var once = _platform.Service.Anonymous(); // it starts with its first call
        await once.GetAsync("/health/live");
        await Wait.UntilAsync("the row to be closed", () => IsClosedAsync(tunnel), 30);
        await Wait.UntilAsync("the port to be closed", () => !IsListening(PortOf(tunnel)));
        await Wait.UntilAsync("the other's port", () => IsListening(PortOf(kept)));
        Assert.False(await IsClosedAsync(kept));
    }

    async Task<JsonElement> OpenInSessionAsync(Guid session)
    {
        using var client = _platform.Service.WithBearer(
            _platform.Service.Tokens.User(_platform.User, [Roles.User], sid: session));
        using var answer = await client.PostAsJsonAsync(Path, new { publicKey = AdbKeyTests.TextOf(_rsa) });
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    Task<bool> IsClosedAsync(JsonElement tunnel)
    {
        var id = tunnel.GetProperty("id").GetGuid();
        return _platform.Service.InDatabaseAsync(db =>
            db.Set<Tunnel>().AnyAsync(t => t.Id == id && t.ClosedAt != null));
    }

    [Fact]
    public async Task It_outlives_the_service_and_a_crash_of_the_phone()
    {
        var port = PortOf(await OpenAsync());
        await _platform.StopServiceAsync();
        await _platform.StartServiceAsync();
        using var once = _platform.Service.Anonymous(); // it starts with its first call
        await once.GetAsync("/health/live");
        await Wait.UntilAsync("the port", () => IsListening(port));
        PhoneProcess.Kill(_platform.PhonesFolder, _phone);
        await Wait.UntilAsync("the phone again", async () =>
        {
            using var peer = await TunnelPeer.ConnectAsync(port);
            return await peer.AuthenticateAsync(_rsa) is not null;
        }, 60);
    }

    [Fact]
    public async Task Others_may_neither_open_nor_close_nor_see_one()
    {
        var tunnel = await OpenAsync();
        using var other = _platform.Service.As(Guid.CreateVersion7());
        using var anonymous = _platform.Service.Anonymous();
        var one = $"{Path}/{tunnel.GetProperty("id").GetGuid()}";
        var body = new { publicKey = AdbKeyTests.TextOf(_rsa) };
        await Expect.ProblemAsync(await other.PostAsJsonAsync(Path, body), 404, "not-found");
        await Expect.ProblemAsync(await other.PostAsJsonAsync(Path, new { publicKey = "x" }), 404, "not-found");
        await Expect.ProblemAsync(await other.GetAsync(Path), 404, "not-found");
        await Expect.ProblemAsync(await other.DeleteAsync(one), 404, "not-found");
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsJsonAsync(Path, body)).StatusCode);
        using var op = _platform.Service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Equal(HttpStatusCode.NoContent, (await op.DeleteAsync(one)).StatusCode);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Wrong_ones_are_refused_and_there_are_only_so_many()
    {
        var key = AdbKeyTests.TextOf(_rsa);
        foreach (var body in new object[]
        {
            new { }, new { publicKey = "x" }, new { publicKey = key, minutes = 0 },
            new { publicKey = key, minutes = 1441 },
        })
            await Expect.ProblemAsync(await _platform.Client.PostAsJsonAsync(Path, body), 400, "bad-request");
        var ports = new HashSet<int>();
        for (var i = 0; i < 5; i++)
            Assert.True(ports.Add(PortOf(await OpenAsync())));
        Assert.All(ports, p => Assert.InRange(p, First, First + 9));
        await Expect.ProblemAsync(
            await _platform.Client.PostAsJsonAsync(Path, new { publicKey = key }), 409, "too-many-tunnels");
        Assert.Equal(5, await CountAsync());
        (await _platform.Client.PostAsync($"/api/devices/{_phone}/stop", null)).EnsureSuccessStatusCode();
        await _platform.WaitAsync(_phone, DeviceStatus.Stopped);
        await Expect.ProblemAsync(
            await _platform.Client.PostAsJsonAsync(Path, new { publicKey = key }), 409, "wrong-state");
    }

    async Task<IReadOnlyList<string?>> ActsAsync() => await _platform.Service.InDatabaseAsync(db =>
        db.Set<DeviceHistoryEntry>().Where(h => h.DeviceId == _phone).Select(h => h.Act).ToListAsync());

    static bool IsListening(int port)
    {
        try
        {
            using var look = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _platform.DisposeAsync();
        _rsa.Dispose();
    }
}
