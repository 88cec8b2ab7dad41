using CloudPhone.Sidecar.Runner.Processes;

namespace CloudPhone.Sidecar.Tests.Runner;

public class RestartTests
{
    [Fact]
    public void Pauses_double_up_to_thirty_seconds() =>
        Assert.Equal([1, 2, 4, 8, 16, 30, 30],
            Enumerable.Range(0, 7).Select(n => AppSupervisor.Pause(n, wasHealthy: false).TotalSeconds));

    [Fact]
    public void What_was_healthy_is_soon_started_again() => Assert.Equal([1, 2, 2, 2],
        Enumerable.Range(0, 4).Select(n => AppSupervisor.Pause(n, wasHealthy: true).TotalSeconds));
}
