using System.Globalization;

namespace CloudPhone.Sidecar.Tests.Runner;

/// <summary>A temporary folder with a dapr.yaml, one folder per app, and no resources.</summary>
sealed class TemplateFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("runner-test-").FullName;

    public string File => System.IO.Path.Combine(Path, "dapr.yaml");

    /// <summary>A template of apps that are shell scripts; <c>$PWD</c> is the app's folder.</summary>
    public static TemplateFolder OfScripts(params (string AppId, string Script, string More)[] apps)
    {
        var folder = new TemplateFolder();
        folder.Write("version: 1\nname: test\ncommon:\n  resourcesPaths: [resources]\n  configFilePath: config.yaml\n"
            + "  apiListenAddresses: 127.0.0.1\napps:\n"
            + string.Concat(apps.Select(a => $"  - appID: {a.AppId}\n    appDirPath: {a.AppId}\n"
                + (a.Script.Length > 0 ? $"    command: [sh, -c, '{a.Script.Replace("'", "''")}']\n" : "")
                + string.Concat(a.More.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => $"    {l}\n")))));
        foreach (var (appId, _, _) in apps)
            Directory.CreateDirectory(folder.In(appId));
        return folder;
    }

    public TemplateFolder()
    {
        Directory.CreateDirectory(In("resources"));
        System.IO.File.WriteAllText(
            In("config.yaml"),
                "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: test\nspec: {}\n");
    }

    public string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Write(string yaml) => System.IO.File.WriteAllText(File, yaml);

    /// <summary>The number that a script has written to a file of that app.</summary>
    public async Task<int> NumberAsync(string appId, string file)
    {
        var number = 0;
        await Wait.UntilAsync($"a number in {appId}/{file}", () => System.IO.File.Exists(In(appId, file))
            && int.TryParse(
            System.IO.File.ReadAllText(In(appId, file)).Trim(), CultureInfo.InvariantCulture, out number));
        return number;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
