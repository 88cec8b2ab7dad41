using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Adb;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Devices.Tests.Testing;

/// <summary>The real device service beside a real embedded sidecar, with phones that are real processes; its sibling
/// services are stand-ins.</summary>
sealed class DevicePlatform : IAsyncDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    readonly string _data = Directory.CreateTempSubdirectory("cloudphone-devices-").FullName;
    readonly Dictionary<string, string> _settings;
    SidecarNeighbourhood _neighbourhood = null!;
    SidecarServer? _sidecar;

    DevicePlatform(Siblings siblings, Dictionary<string, string> settings) =>
        (Siblings, _settings) = (siblings, settings);

    public Siblings Siblings { get; }
    public TestService<DeviceDb> Service { get; private set; } = null!;
    public Guid User { get; } = Guid.CreateVersion7();
    public HttpClient Client { get; private set; } = null!;
    public IDeviceProvider Provider => Service.Services.GetRequiredService<IDeviceProvider>();
    public AdbPhone Phone(Guid id) => Service.Services.GetRequiredService<AdbPhones>().Of(id);
    public string PhonesFolder => Path.Combine(_data, "phones");

    public static async Task<DevicePlatform> StartAsync(
        bool withSidecar = true, params (string Name, string Value)[] settings)
    {
        var siblings = await Siblings.StartAsync();
        var all = new Dictionary<string, string>
        {
            ["USER_SERVICE_URL"] = siblings.Address, ["SCHEDULER_SERVICE_URL"] = siblings.Address,
            ["APP_SERVICE_URL"] = siblings.Address,
            ["PHONE_BOOT_SECONDS"] = "0", ["CLOUDPHONE_RUNNER_PID"] = $"{Environment.ProcessId}",
            ["DEVICE_SWEEP_SECONDS"] = "1",
        };
        foreach (var (name, value) in settings)
            all[name] = value;
        var platform = new DevicePlatform(siblings, all);
        await platform.StartServiceAsync(withSidecar);
        return platform;
    }

    public async Task StartServiceAsync(bool withSidecar = true)
    {
        var port = FreePort.Next();
        _settings["CLOUDPHONE_DATA"] = _data;
        _settings["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{port}";
        Service = new([.. _settings.Select(s => (s.Key, s.Value))]);
        Client = Service.As(User);
        if (withSidecar)
            await StartSidecarAsync(port);
    }

    /// <summary>A second instance on the same database, phones and sidecar. It starts with its first call.</summary>
    public TestService<DeviceDb> AddInstance() => new([.. _settings.Select(s => (s.Key, s.Value))]);

    async Task StartSidecarAsync(int port)
    {
        var resources = Directory.CreateDirectory(Path.Combine(_data, "resources")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(resources, "pubsub.yaml"), Component("pubsub", "pubsub.in-memory"));
        await File.WriteAllTextAsync(Path.Combine(resources, "statestore.yaml"), Component("statestore", "state.sqlite",
            ("connectionString", Path.Combine(_data, "state.sqlite")), ("actorStateStore", "true")));
        _neighbourhood = new();
        _sidecar = new(new()
        {
            AppId = AppIds.Devices, AppPort = Client.BaseAddress!.Port, HttpPort = port, GrpcPort = FreePort.Next(),
            InternalGrpcPort = FreePort.Next(),
            MetricsPort = FreePort.Next(), ListenAddresses = ["127.0.0.1"], ResourcesPaths = [resources],
            LogLevel = LogLevel.Error,
            AppApiToken = TestService<DeviceDb>.SidecarToken,
        }, _neighbourhood);
        await _sidecar.StartAsync(CancellationToken.None);
        await Wait.UntilAsync("the sidecar to know the actors", async () =>
        {
            using var http = new HttpClient();
            var metadata = await http.GetStringAsync($"http://127.0.0.1:{port}/v1.0/metadata");
            return metadata.Contains("\"DeviceActor\"", StringComparison.Ordinal);
        });
    }

    static string Component(string name, string type, params (string Name, string Value)[] metadata) =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n"
        + $"spec:\n  type: {type}\n  version: v1\n"
        + (metadata.Length == 0 ? "  metadata: []\n" : "  metadata:\n")
        + string.Concat(metadata.Select(m => $"    - name: {m.Name}\n      value: \"{m.Value}\"\n"));

    public async Task StopServiceAsync()
    {
        Client.Dispose();
        await StopSidecarAsync();
        await Service.DisposeAsync();
    }

    public async Task StopSidecarAsync()
    {
        if (_sidecar is not { } sidecar)
            return;
        _sidecar = null;
        await sidecar.DisposeAsync();
        await _neighbourhood.DisposeAsync();
    }

    public Task<HttpResponseMessage> PostAsync(string name = "phone", CancellationToken ct = default) =>
        Client.PostAsJsonAsync("/api/devices", new { name, cpuCores = 2, memoryGB = 4 }, ct);

    public async Task<DeviceView> CreateAsync(string name = "phone")
    {
        using var answer = await PostAsync(name);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, text);
        return JsonSerializer.Deserialize<CreateDeviceAnswer>(text, Json)!.Device;
    }

    public async Task<DeviceView> CreateRunningAsync(string name = "phone")
    {
        var device = await CreateAsync(name);
        await WaitAsync(device.Id, DeviceStatus.Running);
        return device;
    }

    public async Task<DeviceView?> GetAsync(Guid id)
    {
        using var answer = await Client.GetAsync($"/api/devices/{id}");
        return answer.StatusCode == HttpStatusCode.NotFound ? null
            : await answer.Content.ReadFromJsonAsync<DeviceView>(Json);
    }

    public Task<T?> GetAsync<T>(string path) => Client.GetFromJsonAsync<T>(path, Json);

    public Task WaitAsync(Guid id, DeviceStatus status, double seconds = 60) =>
        Wait.UntilAsync($"{id} to be {status}", async () => (await GetAsync(id))?.Status == status, seconds);

    public async Task<Device> RowAsync(Guid id) =>
        await Service.InDatabaseAsync(db =>
            db.Set<Device>().IgnoreQueryFilters().AsNoTracking().SingleAsync(d => d.Id == id));

    public bool HasPhone(Guid id) => Directory.Exists(Path.Combine(PhonesFolder, id.ToString()));

    public async ValueTask DisposeAsync()
    {
        var provider = Provider;
        foreach (var phone in await provider.ListAsync(default))
            await (_settings.ContainsKey("DOCKER_NODES") ? provider.RemoveAsync(phone, default)
                : provider.StopAsync(phone.DeviceId, default));
        await StopServiceAsync();
        await Siblings.DisposeAsync();
        // a phone that was being made meanwhile may write a last line
        await Wait.UntilAsync("the folder to be free", () =>
        {
            try
            {
                Directory.Delete(_data, recursive: true);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        });
    }
}
