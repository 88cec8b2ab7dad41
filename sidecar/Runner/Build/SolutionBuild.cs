using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Logs;
using CloudPhone.Sidecar.Runner.Processes;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Build;

/// <summary>
/// Builds the apps of a template once, together: those projects of the solution above the template that lie in the
/// folder
/// of the apps, in the configuration that the commands name. Where nothing has changed since, nothing is started at
/// all.
/// </summary>
sealed partial class SolutionBuild(RunTemplate template, RunnerConsole console)
{
    const int ShownErrors = 20;

    public async Task RunAsync(CancellationToken ct)
    {
        if (FindSolution() is not { } solution)
            return;
        var projects = Projects(solution);
        if (projects.Count == 0)
            return;
        var folder = Path.GetDirectoryName(solution)!;
        var outputs = template.Apps.SelectMany(a => a.Command.Select(word => Path.GetFullPath(word, a.Folder)))
            .Where(f => f.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)).ToList();
        using var stamp = await BuildStamp.OpenAsync(folder, $"{Configuration}{projects.Count}", outputs, ct);
        if (stamp.IsUpToDate)
        {
            console.Say("The build is up to date.");
            return;
        }
        console.Say($"Building {projects.Count} projects of {Path.GetFileName(solution)} ({Configuration}) ...");
        var watch = Stopwatch.StartNew();
        await BuildAsync(stamp.Folder, solution, projects, ct);
        stamp.Write();
        console.Say($"Built in {watch.Elapsed.TotalSeconds:0.0} s.");
    }

    /// <summary>Debug, unless the commands start what a Release build leaves.</summary>
    string Configuration =>
        template.Apps.SelectMany(a => a.Command).Any(w => w.Replace('\\', '/').Contains("bin/Release/"))
            ? "Release" : "Debug";

    string? FindSolution()
    {
        var folder = Path.GetDirectoryName(template.File);
        string? found = null;
        for (; folder is not null && found is null; folder = Path.GetDirectoryName(folder))
            found = ((string[])[.. Directory.GetFiles(folder, "*.sln"), .. Directory.GetFiles(folder, "*.slnx")])
                .Order().FirstOrDefault();
        return found;
    }

    /// <summary>As the solution writes them.</summary>
    List<string> Projects(string solution)
    {
        var root = Path.GetDirectoryName(solution)!;
        var parents = template.Apps.Select(a => Path.GetDirectoryName(a.Folder) + Path.DirectorySeparatorChar)
            .ToHashSet();
        return [.. ProjectPath().Matches(File.ReadAllText(solution)).Select(m => m.Groups[1].Value)
            .Where(p => parents.Any(Path.GetFullPath(p.Replace('\\', '/'), root).StartsWith))];
    }

    async Task BuildAsync(string workFolder, string solution, List<string> projects, CancellationToken ct)
    {
        var filter = Path.Combine(workFolder, "apps.slnf");
        await File.WriteAllTextAsync(filter, JsonSerializer.Serialize(new
        {
            solution = new { path = Path.GetRelativePath(workFolder, solution), projects },
        }), ct);
        var dotnet = Programs.Find("dotnet", workFolder)
            ?? throw new ConfigurationException(
                "The .NET SDK is needed to build the apps, and there is no 'dotnet' on the PATH; "
                + "install it, or build elsewhere and use --no-build.");
        var start = new ProcessStartInfo(dotnet)
        {
            WorkingDirectory = Path.GetDirectoryName(solution), UseShellExecute = false,
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in (string[])["build", filter, "-c", Configuration, "-v", "q", "--nologo",
            "-nodeReuse:false", "-tl:off"])
            start.ArgumentList.Add(argument);
        // `dotnet run` hands its own choices on; they are not those of this build.
        foreach (var name in (string[])["MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath",
            "MSBUILDFAILONDRIVEENUMERATINGWILDCARD"])
            start.Environment.Remove(name);
        SocketThreads.KeepFrom(start.Environment);
        using var build = Process.Start(start)!;
        await using var _ = ct.Register(() => build.Kill(entireProcessTree: true));
        var lines = new List<string>();
        var output = Task.WhenAll(CollectAsync(build.StandardOutput, lines), CollectAsync(build.StandardError, lines));
        await build.WaitForExitAsync(CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        // The compiler's server may keep the pipe open long after the build.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(1), ct));
        if (build.ExitCode != 0)
            Fail(solution, lines);
    }

    void Fail(string solution, List<string> lines)
    {
        List<string> errors;
        lock (lines)
        {
            if (lines.Any(l => l.Contains("No .NET SDKs were found")
                || l.Contains("compatible .NET SDK was not found")))
                throw new ConfigurationException("The .NET SDK that global.json asks for is not installed; "
                    + "install it from https://dot.net, or build elsewhere and use --no-build.");
            errors = [.. lines.Where(l => l.Contains("error", StringComparison.OrdinalIgnoreCase))
                .Select(l => l.Trim()).Distinct()];
            if (errors.Count == 0)
                errors = [.. lines.Where(l => l.Trim().Length > 0)];
        }
        foreach (var error in errors.Take(ShownErrors))
            console.Complain(error);
        throw new ConfigurationException($"The build of {solution} failed, with the errors above.");
    }

    static async Task CollectAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
            lock (lines)
                lines.Add(line);
    }

    [GeneratedRegex("\"([^\"]+\\.csproj)\"")]
    private static partial Regex ProjectPath();
}
