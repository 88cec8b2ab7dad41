using System.Diagnostics;
using System.Text.Json;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Providers.Simulated;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Devices.Tests.Providers;

public sealed class SimulatedProviderTests : IAsyncDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-phones-").FullName;
    readonly PhoneControl _control = new();
    readonly Guid _id = Guid.CreateVersion7();
    SimulatedProvider _provider;

    public SimulatedProviderTests() => _provider = NewProvider();

    /// <summary>A second one knows nothing of the first's processes, as after a crash of the service.</summary>
    SimulatedProvider NewProvider()
    {
        var options = new DeviceOptions(false, _folder, 0, TimeSpan.FromMinutes(1), 8, 8)
        {
            RunnerPid = $"{Environment.ProcessId}",
        };
        return new(new PhoneFiles(_folder), new PhoneProcesses(options), _control);
    }

    [Fact]
    public async Task Every_call_may_be_repeated()
    {
        for (var i = 0; i < 2; i++)
            await _provider.CreateAsync(new(_id, 1, 1), default);
        await IsOffAsync();
        for (var i = 0; i < 2; i++)
            await _provider.StartAsync(_id, default);
        await IsUpAsync();
        for (var i = 0; i < 2; i++)
            await _provider.StopAsync(_id, default);
        await IsOffAsync();
        for (var i = 0; i < 2; i++)
            await _provider.RemoveAsync(_id, default);
        Assert.Equal(PhoneState.Missing, await _provider.GetStateAsync(_id, default));
        Assert.Empty(await _provider.ListAsync(default));
    }

    async Task IsOffAsync()
    {
        var state = await _provider.GetStateAsync(_id, default);
        Assert.Equal(PhoneState.Off(state.End), state);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_off_says_until_when_it_ran_and_whether_it_crashed(bool crashed)
    {
        await _provider.CreateAsync(new(_id, 1, 1), default);
        Assert.Null((await _provider.GetStateAsync(_id, default)).End);
        var before = DateTimeOffset.UtcNow;
        await _provider.StartAsync(_id, default);
        await IsUpAsync();
        Assert.Null((await _provider.GetStateAsync(_id, default)).End);
        if (crashed)
            PhoneProcess.Kill(_folder, _id);
        else
            PhoneProcess.ShutDown(_folder, _id);
        _provider = NewProvider();
        var end = (await _provider.GetStateAsync(_id, default)).End!;
        Assert.Equal(!crashed, end.IsOrderly);
        Assert.InRange(end.At, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
    }

    [Fact]
    public async Task Started_twice_at_once_it_is_one_phone()
    {
        await _provider.CreateAsync(new(_id, 1, 1), default);
        await Task.WhenAll(_provider.StartAsync(_id, default), NewProvider().StartAsync(_id, default));
        await IsUpAsync();
        var pid = PhoneProcess.Pid(_folder, _id);
        _provider = NewProvider();
        await _provider.StartAsync(_id, default);
        Assert.Equal(pid, PhoneProcess.Pid(_folder, _id));
        Assert.NotNull((await _provider.GetStateAsync(_id, default)).Adb);
    }

    [Fact]
    public async Task Another_instance_finds_the_phone_and_stops_it()
    {
        await StartedAsync();
        var adb = (await _provider.GetStateAsync(_id, default)).Adb;
        Assert.Equal($"{_id:N}", adb!.Serial);
        _provider = NewProvider();
        Assert.Equal(adb, (await _provider.GetStateAsync(_id, default)).Adb);
        PhoneProcess.Kill(_folder, _id);
        await IsOffAsync();
        await _provider.StartAsync(_id, default);
        await IsUpAsync();
        _provider = NewProvider();
        await _provider.StopAsync(_id, default);
        Assert.False((await _provider.GetStateAsync(_id, default)).Running);
    }

    [Fact]
    public async Task A_recycled_pid_is_not_killed_and_a_recycled_port_is_not_believed()
    {
        await StartedAsync();
        PhoneProcess.Kill(_folder, _id);
        await using var stranger = await StrangerAsync();
        using var innocent = Process.Start(new ProcessStartInfo("sleep", ["600"]))!;
        var port = new Uri(stranger.Urls.First()).Port;
        var run = new PhoneRun(innocent.Id, DateTimeOffset.UtcNow.AddHours(-1), port, port);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, $"{_id}", "run.json"), JsonSerializer.Serialize(run, JsonSerializerOptions.Web));
        try
        {
            _provider = NewProvider();
            // the folder's lock is held by somebody who is no phone: the worst case
            await using (var held = new FileStream(
                Path.Combine(_folder, $"{_id}", "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                var state = await _provider.GetStateAsync(_id, default);
                Assert.Null(state.Adb);
                await Assert.ThrowsAsync<ProviderException>(() => _provider.StopAsync(_id, default));
            }
            Assert.False(innocent.HasExited);
            await _provider.RemoveAsync(_id, default);
            Assert.False(innocent.HasExited);
        }
        finally
        {
            innocent.Kill();
        }
    }

    static async Task<WebApplication> StrangerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        web.Run(http => http.Response.WriteAsJsonAsync(
            new { deviceId = Guid.CreateVersion7(), power = "on", booted = true }));
        await web.StartAsync();
        return web;
    }

    async Task StartedAsync()
    {
        await _provider.CreateAsync(new(_id, 1, 1), default);
        await _provider.StartAsync(_id, default);
        await IsUpAsync();
    }

    Task IsUpAsync() =>
        Wait.UntilAsync("its adbd", async () => (await _provider.GetStateAsync(_id, default)).Adb is not null, 60);

    public async ValueTask DisposeAsync()
    {
        foreach (var (id, _) in await _provider.ListAsync(default))
            await Wait.UntilAsync("the phone's removal", () => IsRemovedAsync(id)); // a second process may just give up
        _control.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    async Task<bool> IsRemovedAsync(Guid id)
    {
        try
        {
            await _provider.RemoveAsync(id, default);
            return true;
        }
        catch (ProviderException)
        {
            return false;
        }
    }
}
