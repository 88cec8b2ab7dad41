using System.Collections.Concurrent;
using System.Globalization;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Bindings.Cron;

/// <summary>bindings.cron: an empty event at every tick. Nothing is kept: what was due while the sidecar was away is
/// not made up for.</summary>
sealed partial class CronBinding(string name, CronSchedule schedule, TimeProvider time, ILogger<CronBinding> log)
    : IInputBinding
{
    // A timer can't wait longer than this.
    static readonly TimeSpan LongestWait = TimeSpan.FromDays(20);

    public static ComponentType Type { get; } = new("bindings.cron", Create);

    /// <summary>A tick does not wait for the one before it.</summary>
    public async Task ReadAsync(Func<BindingData, CancellationToken, Task> deliver, CancellationToken ct)
    {
        var running = new ConcurrentDictionary<Task, bool>();
        try
        {
            while (schedule.Next(time.GetUtcNow(), time.LocalTimeZone) is { } next)
            {
                await WaitAsync(next, ct);
                var delivery = DeliverAsync(deliver, ct);
                running[delivery] = true;
                _ = delivery.ContinueWith(
                    t => running.TryRemove(t, out _), CancellationToken.None, TaskContinuationOptions.None,
                    TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        await Task.WhenAll(running.Keys);
    }

    async Task WaitAsync(DateTimeOffset next, CancellationToken ct)
    {
        while (next - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
            await Task.Delay(wait < LongestWait ? wait : LongestWait, time, ct);
    }

    async Task DeliverAsync(Func<BindingData, CancellationToken, Task> deliver, CancellationToken ct)
    {
        try
        {
            await deliver(new([], new Dictionary<string, string>
            {
                ["timeZone"] = "Local",
                ["readTimeUTC"] = time.GetUtcNow()
                    .ToString("yyyy-MM-dd HH:mm:ss.fffffff +0000 'UTC'", CultureInfo.InvariantCulture),
            }), ct);
        }
        catch (Exception e)
        {
            Failed(log, name, e.Message);
        }
    }

    static Task<object> Create(Component component, IServiceProvider services, CancellationToken ct)
    {
        var metadata = component.Metadata;
        try
        {
            var schedule = CronSchedule.Parse(metadata.Required("schedule"));
            InputRoute.Know(component);
            return Task.FromResult<object>(new CronBinding(component.Name, schedule,
                services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<CronBinding>>()));
        }
        catch (FormatException e)
        {
            throw metadata.Wrong("schedule", $"'{metadata.Get("schedule")}' is no schedule: {e.Message}");
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "binding {Name}: a tick failed: {Error}")]
    static partial void Failed(ILogger log, string name, string error);
}
