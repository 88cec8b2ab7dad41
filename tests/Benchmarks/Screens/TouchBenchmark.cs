using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Media;
using CloudPhone.Media.Tests.Sessions;
using CloudPhone.PhoneSimulator.Tests;
using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Screens;

/// <summary>
/// Moves of a finger, 60 a second: from the message's way into the media service's socket to the bytes for scrcpy on
/// their way to the phone. And how soon there is a picture for somebody who comes to a phone that nobody watches.
/// </summary>
static class TouchBenchmark
{
    const int PerSecond = 60, Width = 720, Height = 1280;
    static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(int rounds)
    {
        await using var phone = await SimulatedPhone.StartAsync();
        await using var devices = await StandInDevices.StartAsync();
        using var relay = new TouchRelay(phone.AdbPort);
        (devices.Phone, devices.AdbPort) = (phone, relay.Port);
        await using var service = new TestService<MediaDb>(
            [.. devices.Settings, ("MEDIA_UDP_PORT", "0"), ("Logging:LogLevel:Default", "Error"),
            ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "None")]);
        var (touches, pictures) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var round = 0; round <= rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            using var socket = await OpenAsync(service, devices);
            var picture = Stopwatch.GetElapsedTime(begin);
            var reading = ReadToEndAsync(socket);
            var moves = await MoveAsync(socket, relay);
            await SendAsync(socket, """{"type":"end"}""");
            await reading;
            if (round == 0)
                continue; // it warms up
            touches.AddRange(moves);
            pictures.Add(picture);
        }
        Table.Write(["", "p50, ms", "p99, ms", "longest, ms"], [
            Row("a touch, to the bytes for scrcpy", new(touches)),
            Row("opening a session, to its first picture", new(pictures)),
        ]);
    }

    static string[] Row(string name, Latencies all) =>
        [name, Latencies.Text(all.Median), Latencies.Text(all.P99), Latencies.Text(all.Longest)];

    /// <summary>A session by the socket alone, whose first picture is there.</summary>
    static async Task<ClientWebSocket> OpenAsync(TestService<MediaDb> service, StandInDevices devices)
    {
        using var client = service.As(devices.Owner);
        using var answer = await client.PostAsJsonAsync("/api/media/sessions", new { deviceId = devices.DeviceId });
        var session = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(client.BaseAddress!, Text(session, "socket")))
        {
            Scheme = "ws", Query = $"token={Text(session, "token")}",
        }.Uri, default);
        await SendAsync(socket, """{"type":"pictures","mode":"video"}""");
        var buffer = new byte[1 << 20];
        while ((await socket.ReceiveAsync(buffer, default)).MessageType != WebSocketMessageType.Binary)
        {
        }
        return socket;
    }

    static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    static async Task ReadToEndAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 16];
        while ((await socket.ReceiveAsync(buffer, default)).MessageType != WebSocketMessageType.Close)
        {
        }
    }

    static async Task<List<TimeSpan>> MoveAsync(ClientWebSocket socket, TouchRelay relay)
    {
        var times = new List<TimeSpan>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        for (var i = 0; i < Length.TotalSeconds * PerSecond && await timer.WaitForNextTickAsync(); i++)
        {
            var (x, y) = (10 + (i % 600), 500 + (i / 600));
            var seen = relay.Expect(x, y, Width, Height);
            var begin = Stopwatch.GetTimestamp();
            await SendAsync(socket, string.Create(CultureInfo.InvariantCulture,
                $$"""
                {"type":"touch","action":"{{(i == 0 ? "down" : "move")}}","pointer":0,"x":{{x}},"y":{{y}},
                "width":{{Width}},"height":{{Height}}}
                """));
            times.Add(Stopwatch.GetElapsedTime(begin, await seen.WaitAsync(TimeSpan.FromSeconds(10))));
        }
        return times;
    }

    static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);
}
