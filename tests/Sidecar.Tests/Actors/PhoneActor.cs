using System.Collections.Concurrent;
using System.Text;
using Dapr.Actors;
using Dapr.Actors.Runtime;

namespace CloudPhone.Sidecar.Tests.Actors;

public interface IPhoneActor : IActor
{
    Task<int> AddAsync(int n);
    Task<int> ReadAsync();
    Task FailAsync(string message);
    Task<string> WhoAsync();
    Task<int> AskItselfAsync();
    Task<int> AskAsync(string otherId);
    Task StartTimerAsync(string name);
    Task StopTimerAsync(string name);
    Task RemindAsync(string name, TimeSpan dueTime, TimeSpan period);
    Task RepeatAsync(string name, int repetitions);
    Task<string> PeriodOfReminderAsync(string name);
    Task ForgetAsync(string name);
    Task ForgetStateAsync();
}

/// <summary>What PhoneActors were called back with, by actor id.</summary>
public sealed class PhoneLog
{
    public ConcurrentQueue<string> Entries { get; } = new();
}

/// <summary>An actor of the real SDK: state, timers, reminders, calls to itself and to others.</summary>
public sealed class PhoneActor(ActorHost host, PhoneLog log) : Actor(host), IPhoneActor, IRemindable
{
    public async Task<int> AddAsync(int n)
    {
        var sum = await StateManager.GetOrAddStateAsync("sum", 0) + n;
        await StateManager.SetStateAsync("sum", sum);
        return sum;
    }

    public Task<int> ReadAsync() => StateManager.GetOrAddStateAsync("sum", 0);

    public Task FailAsync(string message) => throw new InvalidOperationException(message);

    public Task<string> WhoAsync() => Task.FromResult(Id.GetId());

    public async Task<int> AskItselfAsync() =>
        await ProxyFactory.CreateActorProxy<IPhoneActor>(Id, nameof(PhoneActor)).AddAsync(5);

    public Task<int> AskAsync(string otherId) =>
        ProxyFactory.CreateActorProxy<IPhoneActor>(new(otherId), nameof(PhoneActor)).AddAsync(1);

    public Task StartTimerAsync(string name) => RegisterTimerAsync(
        name, nameof(OnTimerAsync), Encoding.UTF8.GetBytes("tick"), TimeSpan.FromMilliseconds(100),
            TimeSpan.FromMilliseconds(100));

    public Task StopTimerAsync(string name) => UnregisterTimerAsync(name);

    public Task OnTimerAsync(byte[] data)
    {
        log.Entries.Enqueue($"{Id} timer {Encoding.UTF8.GetString(data)}");
        return Task.CompletedTask;
    }

    public Task RemindAsync(string name, TimeSpan dueTime, TimeSpan period) =>
        RegisterReminderAsync(name, Encoding.UTF8.GetBytes("data of " + name), dueTime, period);

    public Task RepeatAsync(string name, int repetitions) =>
        RegisterReminderAsync(name, null, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), repetitions);

    public async Task<string> PeriodOfReminderAsync(string name)
    {
        var reminder = await GetReminderAsync(name);
        return $"{reminder.Period} {Encoding.UTF8.GetString(reminder.State)}";
    }

    public Task ForgetAsync(string name) => UnregisterReminderAsync(name);

    public Task ForgetStateAsync() => StateManager.RemoveStateAsync("sum");

    public Task ReceiveReminderAsync(string reminderName, byte[] state, TimeSpan dueTime, TimeSpan period)
    {
        log.Entries.Enqueue($"{Id} {reminderName} "
            + $"{(state is null or [] ? "nothing" : Encoding.UTF8.GetString(state))}");
        return Task.CompletedTask;
    }

    protected override Task OnDeactivateAsync()
    {
        log.Entries.Enqueue($"{Id} deactivated");
        return Task.CompletedTask;
    }
}
