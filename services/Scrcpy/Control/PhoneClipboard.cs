using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace CloudPhone.Scrcpy.Control;

/// <summary>The phone's clipboard, both ways.</summary>
/// <param name="limit">For the phone's acknowledgement.</param>
sealed class PhoneClipboard(ControlWriter writer, TimeSpan limit, TimeProvider clock)
{
    readonly ConcurrentDictionary<ulong, TaskCompletionSource> _unacknowledged = [];
    readonly Channel<string> _copied = Channel.CreateBounded<string>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    ulong _sequence;

    /// <summary>What was copied on the phone; of several that nobody has read yet, the last. It ends with the session.
    /// </summary>
    public ChannelReader<string> Copied => _copied.Reader;

    /// <returns>When the phone has it.</returns>
    /// <exception cref="ArgumentException">It is too long; nothing was sent.</exception>
    /// <exception cref="ScrcpyException">The phone did not say so in time, or the session has ended.</exception>
    public async Task SetAsync(string text, bool paste, CancellationToken ct)
    {
        if (Encoding.UTF8.GetByteCount(text) > SetClipboardMessage.MaxBytes)
            throw new ArgumentException($"A phone takes at most {SetClipboardMessage.MaxBytes} bytes.", nameof(text));
        var sequence = Interlocked.Increment(ref _sequence);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _unacknowledged[sequence] = done;
        try
        {
            await writer.SendAsync(new SetClipboardMessage(sequence, paste, text), ct);
            await done.Task.WaitAsync(limit, clock, ct);
        }
        catch (TimeoutException e)
        {
            throw new ScrcpyException(ScrcpyFault.TimedOut, string.Create(CultureInfo.InvariantCulture,
                $"The phone did not take the text in {limit.TotalSeconds:0.#} s."), e);
        }
        finally
        {
            _unacknowledged.TryRemove(sequence, out _);
        }
    }

    public void Received(DeviceMessage message)
    {
        if (message.Text is { } text)
            _copied.Writer.TryWrite(text);
        else if (_unacknowledged.TryGetValue(message.Sequence, out var done))
            done.TrySetResult();
    }

    /// <summary>After the writer's.</summary>
    public void End(ScrcpyException reason)
    {
        _copied.Writer.TryComplete();
        foreach (var done in _unacknowledged.Values)
            done.TrySetException(reason.Again());
    }
}
