using System.Text.Json.Nodes;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Data;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Tests.Runner;

public sealed class DataFolderTests : IDisposable
{
    readonly TemplateFolder _folder = TemplateFolder.OfScripts(
        ("app", "true", "env:\n  CLOUDPHONE_DATA: ../data"), ("other", "true", ""));

    public void Dispose() => _folder.Dispose();

    DataFolder? Open(string? chosen = null) => DataFolder.Open(RunTemplateReader.Read(_folder.Path), chosen);

    [Fact]
    public void Makes_secrets_once_and_keeps_them_for_its_user()
    {
        Dictionary<string, string> first;
        using (var data = Open()!)
            first = data.Environment.ToDictionary();
        using var again = Open()!;
        Assert.Equal(first, again.Environment.ToDictionary());
        Assert.Equal(_folder.In("data"), first["CLOUDPHONE_DATA"]);
        foreach (var name in (string[])
            ["JWT_SECRET", "DAPR_API_TOKEN", "APP_API_TOKEN", "ADMIN_PASSWORD", "SANDBOX_SECRET"])
            Assert.Equal(64, first[name].Length);
        Assert.Equal(5, first.Values.Where(v => v.Length == 64).Distinct().Count());
        var file = _folder.In("data", "secrets.json");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(
            first["JWT_SECRET"], JsonNode.Parse(File.ReadAllText(file))!["JWT_SECRET"]!.GetValue<string>());
    }

    [Fact]
    public void Keeps_two_runners_apart()
    {
        using var data = Open();
        Assert.StartsWith($"Another runner uses the data folder {_folder.In("data")}",
            Assert.Throws<ConfigurationException>(() => Open()).Message);
        using var elsewhere = Open(_folder.In("elsewhere"));
        Assert.Equal(_folder.In("elsewhere"), elsewhere!.Path);
    }

    [Fact]
    public void A_template_that_names_none_has_none()
    {
        _folder.Write("version: 1\napps: [{ appDirPath: app }]");
        Assert.Null(Open());
        Assert.False(Directory.Exists(_folder.In("data")));
    }

    [Fact]
    public void Refuses_a_broken_secrets_file()
    {
        Directory.CreateDirectory(_folder.In("data"));
        File.WriteAllText(_folder.In("data", "secrets.json"), "{");
        Assert.Contains("secrets.json can't be read", Assert.Throws<ConfigurationException>(() => Open()).Message);
        File.Delete(_folder.In("data", "secrets.json"));
        using var data = Open();
        Assert.NotNull(data);
    }
}
