using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>Asks an app and its sidecar whether they are well.</summary>
static class Readiness
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    static readonly HttpClient Client =
        new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    /// <exception cref="RunException">Not in time; tells what the last answer was.</exception>
    public static async Task WaitAsync(
        AppSpec app, TimeSpan timeout, string logFolder, TimeProvider clock, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval, clock);
        while (await ProblemAsync(app, ct) is { } problem)
        {
            if (watch.Elapsed >= timeout)
                throw new RunException(string.Create(CultureInfo.InvariantCulture,
                    $"{app.AppId} is not healthy after {timeout.TotalSeconds:0} s: ")
                    + $"{problem}; its logs are in {logFolder}.");
            await timer.WaitForNextTickAsync(ct);
        }
    }

    /// <summary>Null: app and sidecar are well.</summary>
    static async Task<string?> ProblemAsync(AppSpec app, CancellationToken ct)
    {
        if (app.AppPort is { } port)
        {
            var problem = app.Settings.EnableAppHealthCheck
                ? await AskAsync($"http://{app.Host}:{port}/{HealthPath(app)}", ct)
                : await ConnectAsync(app.Host, port, ct);
            if (problem is not null)
                return problem;
        }
        return await AskAsync($"http://{SidecarHost(app)}:{app.HttpPort}/v1.0/healthz", ct) is { } ill
            ? $"its sidecar: {ill}" : null;
    }

    static string HealthPath(AppSpec app) => (app.Settings.AppHealthCheckPath ?? "/healthz").TrimStart('/');

    /// <summary>An address that the sidecar listens on.</summary>
    static string SidecarHost(AppSpec app) =>
        app.Settings.ListenAddresses.Order().FirstOrDefault(a => a is not "0.0.0.0") ?? "127.0.0.1";

    static async Task<string?> AskAsync(string url, CancellationToken ct)
    {
        try
        {
            using var answer = await Client.GetAsync(url, ct);
            return answer.IsSuccessStatusCode ? null : $"{url} answers {(int)answer.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return $"{url} does not answer";
        }
    }

    static async Task<string?> ConnectAsync(string host, int port, CancellationToken ct)
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host, port, ct);
            return null;
        }
        catch (SocketException)
        {
            return $"nothing listens on {host}:{port}";
        }
    }
}
