using System.Diagnostics;
using System.Security.Authentication;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Hosting;
using Dapr.Actors.Runtime;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Actors;

/// <summary>Serialises what is done with one phone. It keeps nothing itself: the database is the truth, its reminder
/// only a second alarm clock.</summary>
public sealed partial class DeviceActor(
    ActorHost host, IServiceScopeFactory scopes, TimeProvider clock, ILogger<DeviceActor> log)
    : Actor(host), IDeviceActor, IRemindable
{
    const string BootReminder = "boot";
    const int ConflictTries = 5;
    static readonly TimeSpan Once = TimeSpan.FromMilliseconds(-1);
    static readonly TimeSpan AfterDeadline = TimeSpan.FromSeconds(1);
    DateTimeOffset? _reminded;

    Guid DeviceId => Guid.Parse(Id.GetId());

    public Task<CommandAnswer> Create(ActorCall call) =>
        WithDeviceAsync("create", call.Request, async (services, device) =>
    {
        await services.GetRequiredService<DeviceWork>().RunAsync(device, resumed: false, CancellationToken.None);
        return CommandAnswer.Done;
    });

    public Task<CommandAnswer> Resume(ActorCall call) =>
        WithDeviceAsync("resume", call.Request, async (services, device) =>
    {
        await services.GetRequiredService<DeviceWork>().RunAsync(device, resumed: true, CancellationToken.None);
        return CommandAnswer.Done;
    });

    public Task<CommandAnswer> Command(DeviceCommand command) =>
        WithDeviceAsync($"{command.Trigger}", command.Request, async (services, device) =>
    {
        if (command.Asked is { } asked && !await services.GetRequiredService<OperationNotes>()
            .BeginAsync(device, command.Trigger, asked, CancellationToken.None))
            return CommandAnswer.Done;
        if (Commands.IsHeld(device, command.Trigger))
            return CommandAnswer.Held;
        var commands = services.GetRequiredService<Commands>();
        if (!await commands.ApplyAsync(device, command.Trigger, command.Reason, CancellationToken.None))
            return CommandAnswer.NotAllowed(device.Status);
        if (command.Trigger == Trigger.Delete)
            await services.GetRequiredService<DeviceWork>().RunAsync(device, resumed: false, CancellationToken.None);
        else
            services.GetRequiredService<ResumeQueue>().Add(device.Id);
        return CommandAnswer.Done;
    });

    public Task<CommandAnswer> Hold(HoldCall call) =>
        WithDeviceAsync("hold", call.Request, async (services, device) =>
    {
        if (!await services.GetRequiredService<Holding>().HoldAsync(device, call.ItemId, CancellationToken.None))
            return device.HeldBy is null ? CommandAnswer.NotAllowed(device.Status) : CommandAnswer.Held;
        services.GetRequiredService<ResumeQueue>().Add(device.Id);
        return CommandAnswer.Done;
    });

    public Task<CommandAnswer> Release(HoldCall call) =>
        WithDeviceAsync("release", call.Request, async (services, device) =>
    {
        await services.GetRequiredService<Holding>().ReleaseAsync(device, call.ItemId, CancellationToken.None);
        services.GetRequiredService<ResumeQueue>().Add(device.Id);
        return CommandAnswer.Done;
    });

    public async Task ReceiveReminderAsync(string reminderName, byte[] state, TimeSpan dueTime, TimeSpan period) =>
        await Resume(new(null));

    /// <summary>Events change rows without this actor: a save that finds its row changed is done again from what is
    /// there now.</summary>
    async Task<CommandAnswer> WithDeviceAsync(
        string what, CallingRequest? request, Func<IServiceProvider, Device, Task<CommandAnswer>> work)
    {
        for (var i = 1; ; i++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var device = await scope.ServiceProvider.GetRequiredService<DeviceWork>()
                .FindAsync(DeviceId, CancellationToken.None);
            if (device is null)
                return CommandAnswer.NotFound;
            RequestId.Current = request?.RequestId ?? device.RequestId ?? RequestId.New();
            using var activity = Continue(what, request?.TraceParent ?? device.TraceParent);
            try
            {
                var answer = await work(scope.ServiceProvider, device);
                await RemindAsync(device);
                return answer;
            }
            catch (DbUpdateConcurrencyException) when (i < ConflictTries)
            {
                Conflict(log, DeviceId, i);
            }
        }
    }

    static Activity? Continue(string what, string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? Telemetry.Source.StartActivity($"device {what}", ActivityKind.Internal, parent)
            : Telemetry.Source.StartActivity($"device {what}");

    async Task RemindAsync(Device device)
    {
        if (device.BootDeadline is not { } deadline || !device.IsBooting || deadline == _reminded)
            return;
        try
        {
            var due = deadline + AfterDeadline - clock.GetUtcNow();
            await RegisterReminderAsync(BootReminder, null, due > TimeSpan.Zero ? due : TimeSpan.Zero, Once);
            _reminded = deadline;
        }
        catch (Exception e) when (
            e is HttpRequestException or Dapr.DaprException or AuthenticationException or OperationCanceledException)
        {
            NoReminder(log, DeviceId, e.Message); // the sweep of the database sees the deadline, too
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Device {Device} was changed by somebody else at the same time, try {Try}")]
    static partial void Conflict(ILogger log, Guid device, int @try);

    [LoggerMessage(2, LogLevel.Warning, "No reminder for the boot of device {Device}: {Reason}")]
    static partial void NoReminder(ILogger log, Guid device, string reason);
}
