using System.Text.RegularExpressions;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Tests.Runner;

public sealed partial class RunTemplateTests : IDisposable
{
    readonly TemplateFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    RunTemplate Read(string yaml)
    {
        _folder.Write(yaml);
        Directory.CreateDirectory(_folder.In("one"));
        Directory.CreateDirectory(_folder.In("two"));
        return RunTemplateReader.Read(_folder.Path);
    }

    [Fact]
    public void Merges_common_and_app_settings()
    {
        var apps = Read("""
            version: 1
            name: test
            common:
              resourcesPaths: [resources]
              configFilePath: config.yaml
              enableAppHealthCheck: true
              appHealthProbeInterval: 1
              appHealthProbeTimeout: 900
              logLevel: warn
              maxBodySize: 1Mi
              readBufferSize: 16Ki
              daprdLogDestination: console
              placementHostAddress: ""
              env: { A: common, B: common }
            apps:
              - appDirPath: one
                appPort: 30000
                enableAppHealthCheck: false
                maxBodySize: 512Mi
                appMaxConcurrency: 0
                env: { B: own, C: 7 }
                command: [dotnet, bin/x.dll]
              - appID: second
                appDirPath: two
            """).Apps;
        var (one, two) = (apps[0], apps[1]);
        Assert.Equal(("one", 30000, null, "127.0.0.1"), (one.AppId, one.AppPort, one.HttpPort, one.Host));
        Assert.Equal(["dotnet", "bin/x.dll"], one.Command);
        // As with the Dapr CLI, false and 0 are "not set".
        Assert.True(one.Settings.EnableAppHealthCheck);
        Assert.Null(one.Settings.AppMaxConcurrency);
        Assert.Equal((512L << 20, 16L << 10), (one.Settings.MaxBodySize, one.Settings.ReadBufferSize));
        Assert.Equal(1L << 20, two.Settings.MaxBodySize);
        Assert.Equal(TimeSpan.FromSeconds(1), two.Settings.AppHealthProbeInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(900), two.Settings.AppHealthProbeTimeout);
        Assert.Equal(LogDestination.Console, two.Settings.SidecarLog);
        Assert.Null(two.Settings.AppLog);
        Assert.Equal(
            new Dictionary<string, string> { ["A"] = "common", ["B"] = "own", ["C"] = "7" },
            one.Settings.Environment.ToDictionary());
        Assert.Equal(("second", null, 0), (two.AppId, two.AppPort, two.Command.Count));
        Assert.Equal([_folder.In("resources")], two.ResourcesPaths);
        Assert.Equal(_folder.In("config.yaml"), two.ConfigFile);
    }

    [Fact]
    public void Resources_of_the_app_come_before_its_dapr_folder_before_those_of_all()
    {
        Directory.CreateDirectory(_folder.In("one", "own"));
        foreach (var app in (string[])["one", "two"])
        {
            Directory.CreateDirectory(_folder.In(app, ".dapr", "resources"));
            File.WriteAllText(_folder.In(app, ".dapr", "config.yaml"), "");
        }
        Directory.CreateDirectory(_folder.In("three"));
        var apps = Read("""
            version: 1
            common: { resourcesPaths: [resources], configFilePath: config.yaml }
            apps:
              - { appDirPath: one, resourcesPath: own }
              - { appDirPath: two }
              - { appDirPath: three }
            """).Apps;
        Assert.Equal([_folder.In("one", "own")], apps[0].ResourcesPaths);
        Assert.Equal([_folder.In("two", ".dapr", "resources")], apps[1].ResourcesPaths);
        Assert.Equal(_folder.In("two", ".dapr", "config.yaml"), apps[1].ConfigFile);
        Assert.Equal([_folder.In("resources")], apps[2].ResourcesPaths);
        Assert.Equal(_folder.In("config.yaml"), apps[2].ConfigFile);
    }

    [Theory]
    [InlineData("apps: [{ appDirPath: one }]", "field 'version' is required")]
    [InlineData("version: 2\napps: [{ appDirPath: one }]", "field 'version' is '2'")]
    [InlineData("version: 1", "field 'apps' must name at least one app")]
    [InlineData("version: 1\napps: [{ appID: x }]", "field 'apps[0].appDirPath' is required")]
    [InlineData("version: 1\napps: [{ appDirPath: none }]", "field 'apps[0].appDirPath' names")]
    [InlineData("version: 1\nextra: 1\napps: [{ appDirPath: one }]", "field 'extra' is not a known field")]
    [InlineData("version: 1\ncommon: { appPort: 1 }\napps: [{ appDirPath: one }]",
        "field 'common.appPort' is not a known field")]
    [InlineData("version: 1\ncommon: { resourcesPaths: [none] }\napps: [{ appDirPath: one }]",
        "field 'common.resourcesPaths[0]' names")]
    [InlineData("version: 1\napps: [{ appDirPath: one }, { appDirPath: one }]", "the app id 'one' twice")]
    [InlineData("version: 1\napps: [{ appDirPath: one, containerImage: x }]",
        "field 'apps[0].containerImage' is for Kubernetes")]
    [InlineData("version: 1\napps: [{ appDirPath: one, createService: true }]",
        "field 'apps[0].createService' is for Kubernetes")]
    [InlineData("version: 1\napps: [{ appDirPath: one, unixDomainSocket: /tmp }]",
        "field 'apps[0].unixDomainSocket' is not supported")]
    [InlineData("version: 1\napps: [{ appDirPath: one, appProtocol: grpc }]", "field 'apps[0].appProtocol' is 'grpc'")]
    [InlineData("version: 1\napps: [{ appDirPath: one, appPort: many }]",
        "field 'apps[0].appPort' must be a whole number")]
    [InlineData("version: 1\napps: [{ appDirPath: one, appPort: 70000 }]", "field 'apps[0].appPort' must be a port")]
    [InlineData("version: 1\napps: [{ appDirPath: one, maxBodySize: big }]",
        "field 'apps[0].maxBodySize' must be a size")]
    [InlineData("version: 1\napps: [{ appDirPath: one, logLevel: loud }]", "field 'apps[0].logLevel' is 'loud'")]
    [InlineData("version: 1\napps: [{ appDirPath: one, appLogDestination: paper }]",
        "field 'apps[0].appLogDestination' is 'paper'")]
    [InlineData("version: 1\napps: [{ appDirPath: one, command: sleep }]", "field 'apps[0].command' must be a list")]
    public void Names_file_and_field_of_what_is_wrong(string yaml, string part)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(yaml)).Message;
        Assert.StartsWith(_folder.File, error);
        Assert.Contains(part, error);
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("16Ki", 16384)]
    [InlineData("4Mi", 4194304)]
    [InlineData("1.5Gi", 1610612736)]
    [InlineData("10M", 10000000)]
    [InlineData("1e3", 1000)]
    [InlineData("-1", -1)]
    public void Reads_sizes(string text, long bytes)
    {
        Assert.True(Quantity.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4MB")]
    [InlineData("Ki")]
    [InlineData("4 Mi")]
    public void Refuses_other_sizes(string text) => Assert.False(Quantity.TryParse(text, out _));

    [Fact]
    public void The_embedded_template_reads()
    {
        var source = Path.Combine(Repository.Root, "dapr-config", "embedded");
        var copy = Directory.CreateDirectory(_folder.In("dapr-config", "embedded")).FullName;
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        Directory.CreateDirectory(_folder.In("components", "embedded"));
        Directory.CreateDirectory(_folder.In("dapr-config", "resiliency"));
        foreach (Match app in AppFolder().Matches(File.ReadAllText(Path.Combine(source, "dapr.yaml"))))
            Directory.CreateDirectory(Path.GetFullPath(app.Groups[1].Value, copy));

        var apps = RunTemplateReader.Read(copy).Apps;
        Assert.Equal(
            ["api-gateway", "user-service", "device-service", "app-service", "scheduler-service", "billing-service",
                "notification-service", "media-service"],
            apps.Select(a => a.AppId));
        Assert.Equal(Enumerable.Range(30000, 8), apps.Select(a => a.AppPort!.Value));
        Assert.All(apps, a => Assert.Equal(
            _folder.In(".cloudphone"), Path.GetFullPath(a.Settings.Environment["CLOUDPHONE_DATA"], a.Folder)));
        int[] ports = [.. apps.SelectMany(a => (int[])[
            a.AppPort!.Value, a.HttpPort!.Value, a.GrpcPort!.Value, a.InternalGrpcPort!.Value, a.MetricsPort!.Value])];
        Assert.Distinct(ports);
    }

    [GeneratedRegex(@"appDirPath: (\S+)")]
    private static partial Regex AppFolder();
}
