using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests;

public sealed class PhoneTests
{
    [Fact]
    public async Task It_boots_and_shows_its_state_to_who_has_the_token()
    {
        await using var phone = await SimulatedPhone.StartAsync(boot: "1");
        using var client = phone.Client();
        await Wait.UntilAsync("boot", async () => (await StatusAsync(client)).GetProperty("booted").GetBoolean(), 30);
        var status = await StatusAsync(client);
        Assert.Equal((phone.Id, "on"),
            (status.GetProperty("deviceId").GetGuid(), status.GetProperty("power").GetString()));
        using var stranger = phone.Client("wrong");
        foreach (var (method, path) in new[] { ("GET", "/status"), ("POST", "/power/off"), ("GET", "/faults") })
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SendAsync(new(new(method), path))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/nothing")).StatusCode);
    }

    [Fact]
    public async Task Powered_off_its_process_ends()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var client = phone.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/power/off", null)).StatusCode);
        await Wait.UntilAsync("its end", () => phone.Process.HasExited);
        Assert.Equal(0, phone.Process.ExitCode);
        Assert.False(File.Exists(Path.Combine(phone.Folder, "run.json")));
        Assert.Contains("\"off\"", await File.ReadAllTextAsync(Path.Combine(phone.Folder, "state.json")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET /status HTTP/1.1\r\nno colon\r\n\r\n")]
    [InlineData("POST /power/on HTTP/1.1\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("POST /power/on HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public async Task What_is_no_request_closes_the_connection_and_harms_nothing(string text)
    {
        await using var phone = await SimulatedPhone.StartAsync();
        using var socket = new TcpClient("127.0.0.1", phone.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        Assert.Equal(0, await socket.GetStream().ReadAsync(new byte[16]));
        using var client = phone.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/status")).StatusCode);
    }

    [Fact]
    public async Task It_ends_with_its_runner()
    {
        using var runner = Process.Start(new ProcessStartInfo("sleep", ["600"]))!;
        await using var phone = await SimulatedPhone.StartAsync(runner.Id);
        Assert.False(phone.Process.HasExited);
        runner.Kill();
        await Wait.UntilAsync("its end", () => phone.Process.HasExited);
    }

    [Fact]
    public async Task A_second_process_for_the_same_phone_and_a_wrong_start_end_with_one_sentence()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        await AssertRefusedAsync(phone.Run(Environment.ProcessId, "0"), "runs already");
        await AssertRefusedAsync(phone.Run(Environment.ProcessId, "soon"), "PHONE_BOOT_SECONDS");
        await AssertRefusedAsync(phone.Run(Environment.ProcessId, "0", Path.GetTempPath()), "phone.json");
    }

    static async Task AssertRefusedAsync(Process process, string words)
    {
        using (process)
        {
            var said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(2, process.ExitCode);
            Assert.Contains(words, Assert.Single(said.Trim().Split('\n')), StringComparison.Ordinal);
        }
    }

    static async Task<JsonElement> StatusAsync(HttpClient client) =>
        await client.GetFromJsonAsync<JsonElement>("/status");
}
