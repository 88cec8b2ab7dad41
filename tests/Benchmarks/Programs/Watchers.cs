using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CloudPhone.Media.Tests.WebRtc.Stun;

namespace CloudPhone.Benchmarks.Programs;

/// <summary>
/// Viewers as far as the network sees them: each line of standard input, "port username password", is one with a socket
/// of its own, which proves itself, again every few seconds, and takes what comes. In a process of its own, so that
/// what they cost is not counted.
/// </summary>
static class Watchers
{
    static readonly TimeSpan CheckPause = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ');
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.ReceiveBufferSize = 1 << 20;
            await socket.ConnectAsync(IPAddress.Loopback, int.Parse(parts[0], CultureInfo.InvariantCulture));
            new Thread(() => Take(socket)) { IsBackground = true }.Start();
            _ = CheckAsync(socket, parts[1], parts[2]);
        }
        return 0;
    }

    static void Take(Socket socket)
    {
        var buffer = new byte[2048];
        while (true)
        {
            try
            {
                socket.Receive(buffer);
            }
            catch (SocketException)
            {
                // the other side is gone for now: the next round has another
            }
        }
    }

    static async Task CheckAsync(Socket socket, string username, string password)
    {
        while (true)
        {
            try
            {
                await socket.SendAsync(TestRequest.Make(username, password));
            }
            catch (SocketException)
            {
                return;
            }
            await Task.Delay(CheckPause);
        }
    }
}
