using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Runner.Data;

/// <summary>
/// Secrets that the platform makes for itself at its first run and keeps, readable for its user alone, in secrets.json.
/// </summary>
static class GeneratedSecrets
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>
    /// The key that access tokens are signed with, what apps and sidecars show to each other, the first admin's
    /// password, and what the payment sandbox signs with.
    /// </summary>
    static readonly string[] Names =
        ["JWT_SECRET", "DAPR_API_TOKEN", "APP_API_TOKEN", "ADMIN_PASSWORD", "SANDBOX_SECRET"];

    /// <summary>By environment variable; one that the runner's own environment has is left to it.</summary>
    /// <exception cref="ConfigurationException">The file can't be read or written.</exception>
    public static Dictionary<string, string> Load(string folder)
    {
        var file = Path.Combine(folder, "secrets.json");
        try
        {
            var text = File.Exists(file) ? File.ReadAllText(file) : "{}";
            var kept = JsonSerializer.Deserialize<Dictionary<string, string>>(text) ?? [];
            var missing = Names.Where(n => !kept.ContainsKey(n)).ToList();
            foreach (var name in missing)
                kept[name] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            if (missing.Count > 0)
                Write(file, JsonSerializer.Serialize(kept, Indented));
            return kept.Where(s => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(s.Key))).ToDictionary();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ConfigurationException($"The secrets in {file} can't be read or kept: {e.Message}");
        }
    }

    /// <summary>Whole or not at all: a half-written file would sign everybody out.</summary>
    static void Write(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(file + ".new");
        using (var writer = new StreamWriter(file + ".new", options))
            writer.Write(text);
        File.Move(file + ".new", file, overwrite: true);
    }
}
