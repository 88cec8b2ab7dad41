using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Runner.Template;

/// <summary>
/// Reads a run template by the rules of the Dapr CLI (paths, merging, precedence), but strictly: the CLI passes over a
/// field
/// that it does not know, here it is an error.
/// </summary>
static class RunTemplateReader
{
    /// <param name="path">A template, or a folder that holds one as dapr.yaml.</param>
    /// <exception cref="ConfigurationException">Names the file and the field.</exception>
    public static RunTemplate Read(string path)
    {
        var file = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, "dapr.yaml") : path);
        if (!File.Exists(file))
            throw new ConfigurationException($"There is no run template {file}.");
        if (Path.GetExtension(file) is not (".yaml" or ".yml"))
            throw new ConfigurationException($"The run template {file} is no .yaml file.");
        var documents = YamlFile.Documents(file);
        if (documents.Count != 1)
            throw new ConfigurationException($"{file}: must hold one run template, not {documents.Count}.");
        return Read(file, documents[0].Fields);
    }

    static RunTemplate Read(string file, YamlFields root)
    {
        if (root.Required("version") is not "1" and var version)
            throw root.Wrong("version", $"is '{version}'; known: 1");
        var folder = Path.GetDirectoryName(file)!;
        var commonFields = root.Map("common");
        var common = SharedSettings.Read(commonFields, folder);
        commonFields.RejectUnknown();
        var apps = root.Maps("apps").Select(app => App(app, common, folder)).ToList();
        var name = root.Set("name") ?? Path.GetFileName(folder);
        root.RejectUnknown();
        if (apps.Count == 0)
            throw root.Wrong("apps", "must name at least one app");
        if (apps.GroupBy(a => a.AppId).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw root.Wrong("apps", $"holds the app id '{twice.Key}' twice");
        return new(file, name, apps);
    }

    static AppSpec App(YamlFields app, SharedSettings common, string templateFolder)
    {
        foreach (var field in (string[])["containerImage", "containerImagePullPolicy", "createService"])
            if (app.Has(field))
                throw app.Wrong(field, "is for Kubernetes (dapr run -k -f) and has no meaning here; leave it out");
        foreach (var field in (string[])["unixDomainSocket", "profilePort"])
            if (app.Has(field))
                throw app.Wrong(field, "is not supported by this runner; leave it out");
        app.Required("appDirPath");
        var folder = app.ExistingPath("appDirPath", templateFolder)!;
        if (!Directory.Exists(folder))
            throw app.Wrong("appDirPath", $"names {folder}, which is no folder");
        var own = SharedSettings.Read(app, folder);
        var command = app.Texts("command");
        if (command.Count > 0 && string.IsNullOrWhiteSpace(command[0]))
            throw app.Wrong("command[0]", "must name a program");
        var merged = own.Over(common);
        var spec = new AppSpec
        {
            AppId = app.Set("appID") ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            Folder = folder,
            Command = command,
            AppPort = app.Port("appPort"),
            AppChannelAddress = app.Set("appChannelAddress"),
            HttpPort = app.Port("daprHTTPPort"),
            GrpcPort = app.Port("daprGRPCPort"),
            InternalGrpcPort = app.Port("daprInternalGRPCPort"),
            MetricsPort = app.Port("metricsPort"),
            ResourcesPaths = Resources(own, common, folder, merged),
            ConfigFile = own.ConfigFile ?? IfExists(Path.Combine(folder, ".dapr", "config.yaml"))
                ?? common.ConfigFile ?? IfExists(Path.Combine(DaprHome(merged), "config.yaml")),
            Settings = merged,
        };
        app.RejectUnknown();
        return spec;
    }

    static IReadOnlyList<string> Resources(
        SharedSettings own, SharedSettings common, string folder, SharedSettings merged)
    {
        if (own.ResourcesPaths.Count > 0)
            return own.ResourcesPaths;
        if (IfExists(Path.Combine(folder, ".dapr", "resources")) is { } beside)
            return [beside];
        if (common.ResourcesPaths.Count > 0)
            return common.ResourcesPaths;
        return IfExists(Path.Combine(DaprHome(merged), "components")) is { } installed ? [installed] : [];
    }

    /// <summary>Where <c>dapr init</c> puts its things.</summary>
    static string DaprHome(SharedSettings settings) => Path.Combine(
        settings.RuntimePath ?? (Environment.GetEnvironmentVariable("DAPR_RUNTIME_PATH") is { Length: > 0 } told ? told
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)),
        ".dapr");

    static string? IfExists(string path) => Path.Exists(path) ? path : null;
}
