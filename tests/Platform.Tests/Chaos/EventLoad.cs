using System.Collections.Concurrent;
using CloudPhone.SampleService;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>
/// Events that the publisher is asked to publish, 50 in each transaction. What it refuses or leaves unanswered is not
/// repeated; others follow.
/// </summary>
sealed class EventLoad
{
    const int AtOnce = 50;
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    readonly ServicePair _publisher;
    readonly bool _isPoisoned;
    readonly ConcurrentBag<string> _acknowledged = [];
    readonly Task _work;
    readonly string _load = $"{Guid.NewGuid():N}"[..8];
    int _next;
    volatile int _last = int.MaxValue;

    EventLoad(ServicePair publisher, bool isPoisoned)
    {
        (_publisher, _isPoisoned) = (publisher, isPoisoned);
        _work = Task.Run(PublishAsync);
    }

    /// <summary>What the publisher said was committed.</summary>
    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

    /// <param name="publisher">Who publishes.</param>
    /// <param name="isPoisoned">One event in 1 000 can't be handled.</param>
    public static EventLoad Start(ServicePair publisher, bool isPoisoned) => new(publisher, isPoisoned);

    /// <summary>So many more, and no others.</summary>
    public void EndAfter(int more) => _last = _acknowledged.Count + more;

    public Task CompleteAsync() => _work;

    async Task PublishAsync()
    {
        while (_acknowledged.Count < _last)
        {
            string[] names = [.. Enumerable.Range(0, AtOnce).Select(_ => Name(_next++))];
            try
            {
                using var answer = await _publisher.PostAsync("/internal/load/events", new NewEvents(names));
                foreach (var name in names)
                    _acknowledged.Add(name);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(Pause);
            }
        }
    }

    string Name(int number) => _isPoisoned && number % 1000 == 500 ? $"event {_load} {number} {Poison.Name}"
        : $"event {_load} {number}";
}
