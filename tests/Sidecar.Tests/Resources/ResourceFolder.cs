using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Tests.Resources;

/// <summary>A resources folder and a Configuration with given texts.</summary>
sealed class ResourceFolder : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resources-");
    readonly string _config;

    public ResourceFolder() => _config = System.IO.Path.Combine(_folder.FullName, "config.txt");

    public string Path => _folder.FullName;

    public Dictionary<string, string> Environment { get; } = [];

    public string File(string name, string text)
    {
        var path = System.IO.Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public SidecarOptions Options(string? config = null)
    {
        if (config is not null)
            System.IO.File.WriteAllText(_config, config);
        return new()
        {
            AppId = "user-service", AppPort = 5001, HttpPort = 3501, ResourcesPaths = [Path], Environment = Environment,
            ConfigPath = config is null ? null : _config,
        };
    }

    public LoadedResources Load(string? config = null) => ResourceLoader.Load(Options(config));

    /// <summary>The sentence that loading ends with, the folder left out.</summary>
    public string Error(string? config = null) =>
        Assert.Throws<ConfigurationException>(() => Load(config)).Message.Replace(Path + "/", "");

    public void Dispose() => _folder.Delete(recursive: true);
}
