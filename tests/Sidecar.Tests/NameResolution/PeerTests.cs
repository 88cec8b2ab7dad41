using System.Diagnostics;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.NameResolution;

/// <summary>Calls to the sidecar of another process that can't be reached.</summary>
public sealed class PeerTests
{
    const string Entry = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: cloudphone
        spec:
          policies:
            timeouts: {t: 5s}
          targets:
            apps:
              device-service: {timeout: t}
        """;

    [Fact]
    public async Task A_peer_that_is_gone_is_tried_three_more_times_a_second_apart()
    {
        await using var pair = await Pair.StartAsync(apart: true);
        await pair.Callee.StopAsync();
        var watch = Stopwatch.StartNew();

        var answer = await pair.InvokeAsync("POST", "x", "{}");

        Assert.StartsWith("failed to invoke, id: device-service, err: "
            + "failed to invoke target device-service after 3 retries. "
            + "Error: rpc error: code = Unavailable", answer.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 2.9, 8);
    }

    [Fact]
    public async Task An_entry_of_the_target_switches_the_built_in_retries_off()
    {
        await using var pair = await Pair.StartAsync([Entry], apart: true);
        await pair.Callee.StopAsync();
        var watch = Stopwatch.StartNew();

        var answer = await pair.InvokeAsync("GET", "x");

        Assert.Contains("code = Unavailable", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("retries", answer.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 0.9);
    }
}
