using CloudPhone.Apps.Storage;
using CloudPhone.Sidecar.Tests.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Tests;

/// <summary>A real sidecar with the component appstore in a folder of its own, for services that store files.</summary>
sealed class StoredApps : IAsyncDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cloudphone-test-store-");
    TestSidecar? _sidecar;

    /// <summary>Its files, by their names relative to it.</summary>
    public IReadOnlyList<string> Parts() => [.. Directory.EnumerateFiles(_folder.FullName, "*",
        SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder.FullName, f)).Order()];

    public string PathOf(string part) => Path.Combine(_folder.FullName, part);

    public static async Task<StoredApps> StartAsync()
    {
        var store = new StoredApps();
        await store.StartAgainAsync();
        return store;
    }

    /// <summary>What a service needs to know of it.</summary>
    public (string Name, string Value) Setting => ("DAPR_HTTP_PORT", $"{_sidecar!.Options.HttpPort}");

    public async Task StopAsync()
    {
        await _sidecar!.DisposeAsync();
    }

    public async Task StartAgainAsync()
    {
        var port = _sidecar?.Options.HttpPort;
        _sidecar = await TestSidecar.StartAsync("app-service",
            resources: [TestSidecar.Component("appstore", "bindings.localstorage", ("rootPath", _folder.FullName)),
                await File.ReadAllTextAsync(Path.Combine(Repository.Root, "dapr-config/resiliency/services.yaml"))],
            with: o => o with { HttpPort = port ?? o.HttpPort });
    }

    public async ValueTask DisposeAsync()
    {
        await _sidecar!.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>What the service knows of what is in the store.</summary>
static class StoredRows
{
    public static Task<List<StoredFile>> RowsAsync(this TestService<AppDb> service) =>
        service.InDatabaseAsync(db => db.Set<StoredFile>().OrderBy(f => f.Id).AsNoTracking().ToListAsync());
}

/// <summary>The app service and its store, new for each test.</summary>
public abstract class AppTest : IAsyncLifetime
{
    StoredApps _store = null!;

    private protected StoredApps Store => _store;
    protected TestService<AppDb> Service { get; private set; } = null!;
    protected HttpClient Operator { get; private set; } = null!;

    protected virtual IEnumerable<(string Name, string Value)> Settings => [];
    protected virtual TimeProvider? Clock => null;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await StoredApps.StartAsync();
        Service = new([.. Settings, _store.Setting]);
        if (Clock is { } clock)
            Service.With(clock);
        Operator = Service.As(Guid.CreateVersion7(), "operator");
    }

    public virtual async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await Service.DisposeAsync();
        await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
