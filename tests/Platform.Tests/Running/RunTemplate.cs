using System.Text.RegularExpressions;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>
/// The platform's own run templates, moved to free ports and a folder of their own, so that they run beside a platform
/// in use.
/// </summary>
static partial class RunTemplate
{
    [GeneratedRegex(@"\b3(0|1[0-3])0?0(\d)\b")]
    private static partial Regex Port();

    /// <param name="port">From the template's port to the one to use instead.</param>
    /// <param name="environment">More for the environment of all apps.</param>
    public static void Write(string folder, bool onServers, Func<int, int> port, string data,
        IReadOnlyDictionary<string, string> environment)
    {
        var source = Path.Combine(Repository.Root, "dapr-config", onServers ? "" : "embedded").TrimEnd('/');
        var text = File.ReadAllText(Path.Combine(source, "dapr.yaml"));
        text = text.Replace("../../.cloudphone-servers", data, StringComparison.Ordinal)
            .Replace("../../.cloudphone", data, StringComparison.Ordinal)
            .Replace("../../", Repository.Root + "/", StringComparison.Ordinal)
            .Replace("../", Repository.Root + "/", StringComparison.Ordinal)
            .Replace(", resiliency]", $", {source}/resiliency]", StringComparison.Ordinal)
            .Replace("configFilePath: config.yaml", $"configFilePath: {source}/config.yaml", StringComparison.Ordinal);
        text = Port().Replace(text, m => port(int.Parse(m.Value, null)).ToString(null as IFormatProvider));
        foreach (var (name, value) in environment)
        {
            var own = new Regex($@"^( +){name}:.*$", RegexOptions.Multiline); // where it has one, in its place
            text = own.IsMatch(text)
                ? own.Replace(text, $"$1{name}: \"{value.Replace("$", "$$", StringComparison.Ordinal)}\"")
                : text.Replace(
                    "    CLOUDPHONE_DATA:", $"    {name}: \"{value}\"\n    CLOUDPHONE_DATA:", StringComparison.Ordinal);
        }
        File.WriteAllText(Path.Combine(folder, "dapr.yaml"), text);
    }
}
