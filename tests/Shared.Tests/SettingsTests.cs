using System.Diagnostics;
using CloudPhone.SampleService;

namespace CloudPhone.Shared.Tests;

/// <summary>Starts the sample service as a process: wrong settings end it with one sentence.</summary>
public sealed class SettingsTests
{
    static readonly Dictionary<string, string> Good = new()
    {
        ["JWT_SECRET"] = new('k', 48), ["APP_API_TOKEN"] = "t", ["CLOUDPHONE_DATA"] = Path.GetTempPath(),
        ["APP_PORT"] = "0",
    };

    [Theory]
    [InlineData("JWT_SECRET", null, "Set JWT_SECRET to the secret that all services share, at least 32 bytes.")]
    [InlineData("JWT_SECRET", "short", "Set JWT_SECRET to at least 32 bytes; it is the same for all services.")]
    [InlineData("APP_API_TOKEN", null,
        "Set APP_API_TOKEN to the token that the sidecar shows to the service, the same in both environments.")]
    [InlineData("CLOUDPHONE_DATA", null,
        "Set DATABASE_URL to a PostgreSQL database, or CLOUDPHONE_DATA to a folder for SQLite files.")]
    [InlineData("DATABASE_REQUIRED", "true",
        "Set DATABASE_URL to a PostgreSQL database: DATABASE_REQUIRED=true wants one.")]
    [InlineData("DATABASE_URL", "nonsense=1",
        "Set DATABASE_URL to something like postgres://user:password@localhost:5432/cloudphone.")]
    [InlineData("USE_CONSUL", "maybe", "Set USE_CONSUL to true or false, not 'maybe'.")]
    [InlineData(
        "USER_SERVICE_URL", "here", "Set USER_SERVICE_URL to an address like http://localhost:30001, not 'here'.")]
    public async Task A_wrong_setting_ends_the_process_with_one_sentence(string name, string? value, string sentence)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(NotesDb).Assembly.Location);
        foreach (var (n, v) in Good)
            start.Environment[n] = v;
        start.Environment.Remove("DATABASE_URL");
        if (value is null)
            start.Environment.Remove(name);
        else
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(2, process.ExitCode);
        Assert.Equal($"app-service: {sentence}\n", error);
    }
}
