using System.Globalization;

namespace CloudPhone.PhoneSimulator.Android;

/// <summary>What logcat shows: the last lines, of which the oldest make room.</summary>
sealed class SystemLog(TimeProvider clock)
{
    const int MaxLines = 1000;
    const int MaxText = 1000;
    readonly Queue<(DateTimeOffset At, string Text)> _lines = new();
    readonly Lock _gate = new();
    TaskCompletionSource _more = New();
    long _written;

    /// <param name="level">One letter, from V to F.</param>
    public void Write(string tag, string text, char level = 'I')
    {
        if (text.Length > MaxText)
            text = text[..MaxText];
        var now = clock.GetUtcNow();
        var at = now.ToString("MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var line = $"{at}  {1000,5} {1000,5} {level} {tag}: {text.ReplaceLineEndings(" ")}";
        TaskCompletionSource more;
        lock (_gate)
        {
            if (_lines.Count == MaxLines)
                _lines.Dequeue();
            _lines.Enqueue((now, line));
            _written++;
            (more, _more) = (_more, New());
        }
        more.SetResult();
    }

    /// <summary>The lines after what was seen, as far as they are kept; and what to wait for.</summary>
    /// <param name="since">Only lines that are not older.</param>
    public (IReadOnlyList<string> Lines, long Seen, Task More) Read(long seen, DateTimeOffset since = default)
    {
        lock (_gate)
        {
            var count = (int)Math.Min(_written - seen, _lines.Count);
            var lines = _lines.Skip(_lines.Count - count).Where(l => l.At >= since).Select(l => l.Text);
            return ([.. lines], _written, _more.Task);
        }
    }

    public void Clear()
    {
        lock (_gate)
            _lines.Clear();
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
