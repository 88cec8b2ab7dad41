using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CloudPhone.Benchmarks.Measuring;

/// <summary>The load generator wrk: as many requests as come back, over a fixed number of connections.</summary>
/// <param name="script">For what the command line can't say; null: a GET.</param>
sealed partial class Wrk(Uri address, IEnumerable<(string Name, string Value)> headers, string? script = null)
{
    const int Connections = 16, Seconds = 4;
    static string? _program;

    public static void Require() => _program = MissingProgramException.Find("wrk", "wrk");

    /// <returns>Requests per second.</returns>
    /// <exception cref="InvalidOperationException">Not all were answered with success: the figure means
    /// nothing.</exception>
    public async Task<double> RunAsync()
    {
        var start = new ProcessStartInfo(_program!, [
            "-t1", $"-c{Connections}", $"-d{Seconds}s", "--timeout", "10s",
            .. headers.SelectMany(h => (string[])["-H", $"{h.Name}: {h.Value}"]),
            .. script is null ? (string[])[] : ["-s", script], address.ToString(),
        ])
        { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return Rate().Match(output) is { Success: true } rate && !Failures().IsMatch(output)
            ? double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"wrk {address}: {output}");
    }

    [GeneratedRegex(@"Requests/sec:\s*([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex("Non-2xx|Socket errors")]
    private static partial Regex Failures();
}
