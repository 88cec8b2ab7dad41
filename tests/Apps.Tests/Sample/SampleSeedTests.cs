using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Apps.Tests.Sample;

public sealed class SampleSeedTests
{
    [Fact]
    public async Task A_sidecar_that_says_nothing_does_not_keep_the_service_down()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var service = new TestService<AppDb>(
            ("APP_SEED_SAMPLE", "true"), ("DAPR_HTTP_PORT", $"{((IPEndPoint)silent.LocalEndpoint).Port}"));
        var starting = Task.Run(() => service.With(clock).Services);
        await Wait.UntilAsync("it has started", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return starting.IsCompleted;
        });
        await starting;
        using var user = service.As(Guid.CreateVersion7());
        Assert.Empty((await user.GetAsync("/api/apps").JsonAsync()).Items());
    }
}
