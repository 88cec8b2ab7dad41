using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Work;
using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>Hears from each engine at once that a phone's container has ended; its actor then looks at it. What is
/// missed while an engine is away, the sweep finds.</summary>
sealed partial class ContainerEvents(
    DockerEngines engines, DockerOptions options, ResumeQueue queue, TimeProvider clock, ILogger<ContainerEvents> log)
    : BackgroundService
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(engines.All.Select(e => FollowAsync(e, stoppingToken)));

    async Task FollowAsync(DockerEngine engine, CancellationToken ct)
    {
        var filters = ContainerPlan.OwnOf(options);
        filters["type"] = new Dictionary<string, bool> { ["container"] = true };
        filters["event"] = new Dictionary<string, bool> { ["die"] = true, ["oom"] = true, ["destroy"] = true };
        for (var tries = 1; !ct.IsCancellationRequested; tries++)
        {
            var start = clock.GetTimestamp();
            try
            {
                await engine.Client.System.MonitorEventsAsync(
                    new ContainerEventsParameters { Filters = filters }, new Hearing(Heard), ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                Lost(log, engine.Node.Name, e.Message);
            }
            if (clock.GetElapsedTime(start) > LongestPause)
                tries = 1;
            await Task.Delay(BackOff.After(tries, FirstPause, LongestPause), clock, ct)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    void Heard(Message message)
    {
        if (message.Actor?.Attributes is { } attributes
            && attributes.TryGetValue(ContainerPlan.DeviceLabel, out var text)
            && Guid.TryParse(text, out var device))
            queue.Add(device);
    }

    /// <summary>In the order of the stream; Progress would pass each to another thread.</summary>
    sealed class Hearing(Action<Message> heard) : IProgress<Message>
    {
        public void Report(Message value) => heard(value);
    }

    [LoggerMessage(1, LogLevel.Warning, "The events of node {Node} are not heard at the moment: {Reason}")]
    static partial void Lost(ILogger log, string node, string reason);
}
