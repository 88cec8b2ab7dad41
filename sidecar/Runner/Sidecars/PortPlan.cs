using System.Net;
using System.Net.Sockets;
using CloudPhone.Sidecar.Runner.Logs;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Sidecars;

/// <summary>The ports of every app and sidecar: those of the template checked, the others chosen.</summary>
static class PortPlan
{
    /// <summary>How long ports may still be busy: the apps of a runner that was killed need a moment to end.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Before a build, which takes longer than to say so.</summary>
    /// <exception cref="RunException">A port is in use, or stands in the template twice.</exception>
    public static async Task<IReadOnlyList<int>> CheckAsync(
        RunTemplate template, RunnerConsole console, CancellationToken ct)
    {
        var named = template.Apps.SelectMany(Named).ToList();
        if (named.GroupBy(p => p.Port).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new RunException($"Port {twice.Key} is given twice in {template.File}: "
                + string.Join(" and ", twice.Select(p => $"as {p.Field} of {p.App.AppId}")) + ".");
        await WaitUntilFreeAsync(named, console, ct);
        return named.ConvertAll(p => p.Port);
    }

    /// <summary>At once before the start: who takes a port after the check would be taken for our own app.</summary>
    /// <returns>The apps with all their ports.</returns>
    /// <inheritdoc cref="CheckAsync"/>
    public static async Task<IReadOnlyList<AppSpec>> AssignAsync(
        RunTemplate template, RunnerConsole console, CancellationToken ct)
    {
        var taken = (await CheckAsync(template, console, ct)).ToHashSet();
        return [.. template.Apps.Select(app => app with
        {
            HttpPort = app.HttpPort ?? Choose(taken),
            GrpcPort = app.GrpcPort ?? Choose(taken),
            InternalGrpcPort = app.InternalGrpcPort ?? Choose(taken),
            MetricsPort = app.MetricsPort ?? Choose(taken),
        })];
    }

    /// <summary>
    /// Ports that the runner or its children are to open; the app of an app without command runs elsewhere already.
    /// </summary>
    static IEnumerable<(AppSpec App, string Field, int Port)> Named(AppSpec app)
    {
        (string Field, int? Port)[] ports =
        [
            ("appPort", app.Command.Count > 0 ? app.AppPort : null), ("daprHTTPPort", app.HttpPort),
            ("daprGRPCPort", app.GrpcPort), ("daprInternalGRPCPort", app.InternalGrpcPort),
            ("metricsPort", app.MetricsPort),
        ];
        return ports.Where(p => p.Port is not null).Select(p => (app, p.Field, p.Port!.Value));
    }

    static async Task WaitUntilFreeAsync(
        List<(AppSpec App, string Field, int Port)> ports, RunnerConsole console, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var told = false;
        while (ports.Where(p => !IsFree(p.Port)).ToList() is { Count: > 0 } busy)
        {
            var (app, field, port) = busy[0];
            if (patience.IsCancellationRequested)
                throw new RunException($"Port {port} ({field} of {app.AppId}) is in use by another process; "
                    + $"stop that process or change {field} in the run template.");
            if (!told)
                console.Say($"Waiting for port {port} ({field} of {app.AppId}), which is in use ...");
            told = true;
            await timer.WaitForNextTickAsync(ct);
        }
    }

    static int Choose(HashSet<int> taken)
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (taken.Add(port))
                return port;
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var any = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            any.Bind(new IPEndPoint(IPAddress.Any, port));
            any.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
