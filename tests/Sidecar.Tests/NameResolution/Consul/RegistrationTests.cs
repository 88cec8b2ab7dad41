using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.NameResolution.Consul;

/// <summary>What Consul is told, and that it stays told.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task The_document_is_the_runtimes()
    {
        await using var scene = await ConsulScene.StartAsync();
        var app = await scene.AppAsync();
        var sidecar = await scene.SidecarAsync("device-service", app, "meta: {region: north}");
        var (http, id) = (sidecar.Options.HttpPort, $"device-service-127.0.0.1-{sidecar.Options.HttpPort}");

        var service = (await scene.Server.GetAsync("/v1/agent/services")).GetProperty(id);
        Assert.Equal(("device-service", "127.0.0.1", app.Port),
            (Text(service, "Service"), Text(service, "Address"), service.GetProperty("Port").GetInt32()));
        Assert.Equal(["dapr", "cloudphone"], service.GetProperty("Tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(new Dictionary<string, string>
        {
            ["DAPR_PORT"] = $"{sidecar.Options.InternalGrpcPort}", ["region"] = "north",
        }, service.GetProperty("Meta").Deserialize<Dictionary<string, string>>());

        var check = (await scene.Server.GetAsync("/v1/agent/checks")).GetProperty($"daprHealth:device-service:{http}");
        Assert.Equal((id, "passing", "http"), (Text(check, "ServiceID"), Text(check, "Status"), Text(check, "Type")));

        await sidecar.StopAsync();
        Assert.False((await scene.Server.GetAsync("/v1/agent/services")).TryGetProperty(id, out _));
    }

    [Fact]
    public async Task Without_checks_there_is_the_default_one_and_without_selfDeregister_it_stays()
    {
        await using var scene = await ConsulScene.StartAsync();
        var app = await scene.AppAsync();
        await using var sidecar = await TestSidecar.StartAsync(
            "user-service", app, config: scene.Document("selfRegister: true"), with: ConsulScene.OnLoopback);
        var id = $"user-service-127.0.0.1-{sidecar.Options.HttpPort}";

        var check = (await scene.Server.GetAsync("/v1/agent/checks")).GetProperty($"daprHealth:{id}");
        Assert.Equal(("Dapr Health Status", "critical"), (Text(check, "Name"), Text(check, "Status")));

        await sidecar.StopAsync();
        Assert.True((await scene.Server.GetAsync("/v1/agent/services")).TryGetProperty(id, out _));
    }

    [Fact]
    public async Task Advanced_registration_takes_the_place_of_everything_but_the_port()
    {
        await using var scene = await ConsulScene.StartAsync();
        var config = scene.Document("""
            daprPortMetaKey: SIDECAR_PORT
                  tags: [passed over]
                  advancedRegistration:
                    name: user-service
                    id: one
                    address: 127.0.0.1
                    port: 17
                    tags: [own]
                    weights: {passing: 3, warning: 2}
                    check: {name: alive, checkID: alive, interval: 1s, tcp: "127.0.0.1:${DAPR_HTTP_PORT}"}
            """);
        await using var sidecar = await TestSidecar.StartAsync(
            "user-service", await scene.AppAsync(), config: config, with: ConsulScene.OnLoopback);

        var service = (await scene.Server.GetAsync("/v1/agent/services")).GetProperty("one");

        Assert.Equal((17, 3),
            (service.GetProperty("Port").GetInt32(), service.GetProperty("Weights").GetProperty("Passing").GetInt32()));
        Assert.Equal("own", Assert.Single(service.GetProperty("Tags").EnumerateArray()).GetString());
        Assert.Equal($"{sidecar.Options.InternalGrpcPort}", Text(service.GetProperty("Meta"), "SIDECAR_PORT"));
        await scene.Server.WaitForAsync("user-service", 1);
    }

    [Fact]
    public async Task Where_Consul_is_away_at_the_start_it_registers_once_Consul_is_there()
    {
        await using var scene = ConsulScene.WithoutServer();
        using var log = new LogLines();
        var sidecar = await scene.SidecarAsync("device-service", await scene.AppAsync(), log: log);
        await Wait.UntilAsync("a clear word in the log", () => log.Lines.Any(l =>
            l.Contains("can't be told of this sidecar", StringComparison.Ordinal)
            && l.Contains("spec.nameResolution.configuration.client", StringComparison.Ordinal)));
        Assert.Equal(200, (await sidecar.InvokeAsync("device-service", "GET", "x")).Status);
        var answer = await sidecar.InvokeAsync("user-service", "GET", "x");
        Assert.Equal((500, "ERR_DIRECT_INVOKE"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith("failed to invoke, id: user-service, err: failed to query healthy consul services: ",
            answer.Message, StringComparison.Ordinal);

        await scene.Server.StartAgainAsync();

        await scene.Server.WaitForAsync("device-service", 1);
    }

    [Fact]
    public async Task A_Consul_that_lost_its_data_is_told_again()
    {
        await using var scene = await ConsulScene.StartAsync();
        await scene.SidecarAsync("device-service", await scene.AppAsync(), interval: "60s");
        await scene.Server.WaitForAsync("device-service", 1);

        await scene.Server.StopAsync(loseData: true);
        await scene.Server.StartAgainAsync();

        await scene.Server.WaitForAsync("device-service", 1);
    }

    [Fact]
    public async Task An_instance_that_was_removed_comes_back_once_its_check_passes()
    {
        await using var scene = await ConsulScene.StartAsync();
        var sidecar = await scene.SidecarAsync("device-service", await scene.AppAsync());
        await scene.Server.WaitForAsync("device-service", 1);

        await scene.Server.PutAsync(
            $"/v1/agent/service/deregister/device-service-127.0.0.1-{sidecar.Options.HttpPort}");

        await scene.Server.WaitForAsync("device-service", 1);
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
