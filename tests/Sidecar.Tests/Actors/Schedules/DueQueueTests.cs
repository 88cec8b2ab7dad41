using CloudPhone.Sidecar.Actors.Schedules;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Sidecar.Tests.Actors.Schedules;

public class DueQueueTests
{
    readonly FakeTimeProvider _time = new();
    readonly List<string> _due = [];

    [Fact]
    public void Each_comes_once_in_its_order_as_it_was_set_last()
    {
        using var queue = new DueQueue<string>(_time, _due.Add);
        queue.Set("b", In(2));
        queue.Set("a", In(5));
        queue.Set("gone", In(1));
        queue.Set("a", In(1));
        queue.Set("later", In(3));
        queue.Remove("gone");
        queue.Remove("never there");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a"], _due);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["a", "b", "later"], _due);
    }

    [Fact]
    public void It_sleeps_for_years()
    {
        using var queue = new DueQueue<string>(_time, _due.Add);
        queue.Set("far", In(TimeSpan.FromDays(400).TotalSeconds));
        queue.Set("never", DateTimeOffset.MaxValue);
        for (var day = 0; day < 400; day++)
        {
            Assert.Empty(_due);
            _time.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal(["far"], _due);
    }

    [Fact]
    public void What_is_due_already_comes_at_once_and_a_handler_may_set_it_again()
    {
        DueQueue<string>? queue = null;
        queue = new(_time, key =>
        {
            _due.Add(key);
            if (_due.Count < 3)
                queue!.Set(key, In(1));
        });
        using (queue)
        {
            queue.Set("x", In(-5));
            for (var i = 0; i < 5; i++)
                _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(["x", "x", "x"], _due);
            queue.Set("y", In(1));
            queue.Clear();
            _time.Advance(TimeSpan.FromHours(2));
            Assert.Equal(3, _due.Count);
        }
    }

    DateTimeOffset In(double seconds) => _time.GetUtcNow().AddSeconds(seconds);
}
