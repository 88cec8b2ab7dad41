using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using MimeKit;

namespace CloudPhone.Notifications.Tests.Mail;

/// <summary>A mail server that is just large enough: HELO to QUIT, one connection after the other.</summary>
sealed class SmtpListener : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly Channel<MimeMessage> _received = Channel.CreateUnbounded<MimeMessage>();
    readonly Task _serving;

    public SmtpListener()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"smtp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>What RCPT is answered with.</summary>
    public string RecipientAnswer { get; set; } = "250 fine";

    /// <summary>Connections that are cut before a word was said.</summary>
    public int ToCut { get; set; }

    public async Task<MimeMessage> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _received.Reader.ReadAsync(limit.Token);
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                if (ToCut-- > 0)
                    continue;
                await TalkAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await SayAsync(stream, "220 test");
        while (await reader.ReadLineAsync() is { } line)
        {
            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "RCPT":
                    await SayAsync(stream, RecipientAnswer);
                    break;
                case "DATA":
                    await SayAsync(stream, "354 go on");
                    await ReadMessageAsync(reader);
                    await SayAsync(stream, "250 taken");
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 bye");
                    return;
                default:
                    await SayAsync(stream, "250 test");
                    break;
            }
        }
    }

    async Task ReadMessageAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line && line != ".")
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        using var bytes = new MemoryStream(Encoding.Latin1.GetBytes(text.ToString()));
        await _received.Writer.WriteAsync(await MimeMessage.LoadAsync(bytes));
    }

    static async Task SayAsync(NetworkStream stream, string line) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }
}
