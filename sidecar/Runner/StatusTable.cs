using System.Globalization;
using CloudPhone.Sidecar.Runner.Processes;

namespace CloudPhone.Sidecar.Runner;

/// <summary>The table that is printed once everything runs.</summary>
static class StatusTable
{
    static readonly string[] Head = ["app", "url", "sidecar http", "grpc", "health", "pid"];

    public static string Of(IEnumerable<AppSupervisor> apps)
    {
        List<string[]> rows = [Head, .. apps.Select(Row)];
        var widths = Enumerable.Range(0, Head.Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        var lines = rows.Select(r => string.Join("   ", r.Select((cell, c) => cell.PadRight(widths[c]))).TrimEnd())
            .ToList();
        lines.Insert(1, string.Join("   ", widths.Select(w => new string('-', w))));
        return string.Join(Environment.NewLine, lines);
    }

    static string[] Row(AppSupervisor supervisor)
    {
        var app = supervisor.App;
        return
        [
            app.AppId,
            app.AppPort is { } port ? $"http://{app.Host}:{port}" : "-",
            app.HttpPort!.Value.ToString(CultureInfo.InvariantCulture),
            app.GrpcPort!.Value.ToString(CultureInfo.InvariantCulture),
            "healthy",
            supervisor.ProcessId?.ToString(CultureInfo.InvariantCulture) ?? "-",
        ];
    }
}
