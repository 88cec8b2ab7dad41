using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace CloudPhone.Notifications.Mail;

/// <summary>
/// Sends over SMTP. Short hiccups are retried here; long ones are the worker's, which has the mail in its table.
/// </summary>
sealed class SmtpTransport(SmtpServer server) : IMailTransport
{
    readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 2, Delay = TimeSpan.FromMilliseconds(500), BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<IOException>().Handle<System.Net.Sockets.SocketException>()
                .Handle<ProtocolException>().Handle<TimeoutRejectedException>(),
        })
        .AddTimeout(TimeSpan.FromSeconds(20))
        .Build();

    public async Task SendAsync(MimeMessage message, CancellationToken ct)
    {
        try
        {
            await _pipeline.ExecuteAsync(async token => await SendOnceAsync(message, token), ct);
        }
        catch (SmtpCommandException e) when (
            (int)e.StatusCode >= 500
            && e.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted)
        {
            throw new UndeliverableException($"The mail server refused it: {(int)e.StatusCode} {e.Message}");
        }
    }

    async Task SendOnceAsync(MimeMessage message, CancellationToken ct)
    {
        using var client = new SmtpClient();
        await client.ConnectAsync(server.Host, server.Port, server.Security, ct);
        if (server.User is not null)
            await client.AuthenticateAsync(server.User, server.Password ?? "", ct);
        await client.SendAsync(message, ct);
        await client.DisconnectAsync(true, ct);
    }
}

/// <summary>Where SMTP_URL points to.</summary>
sealed record SmtpServer(string Host, int Port, SecureSocketOptions Security, string? User, string? Password)
{
    /// <summary>Takes smtp://user:password@host:port and smtps://…</summary>
    /// <returns>Null where it is no such address.</returns>
    public static SmtpServer? Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps")
            || uri.Host.Length == 0)
            return null;
        var login = uri.UserInfo.Split(':', 2);
        var user = login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null;
        var security = uri.Scheme == "smtps" ? SecureSocketOptions.SslOnConnect
            // a password never goes over the network in clear
            : user is not null && !uri.IsLoopback ? SecureSocketOptions.StartTls
                : SecureSocketOptions.StartTlsWhenAvailable;
        var port = uri.Port > 0 ? uri.Port : uri.Scheme == "smtps" ? 465 : user is null ? 25 : 587;
        return new(uri.Host, port, security, user, login.Length > 1 ? Uri.UnescapeDataString(login[1]) : null);
    }
}
