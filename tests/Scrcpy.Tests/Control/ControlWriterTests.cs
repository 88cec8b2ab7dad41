using CloudPhone.Scrcpy.Control;
using CloudPhone.Testing;

namespace CloudPhone.Scrcpy.Tests.Control;

public sealed class ControlWriterTests
{
    static readonly ScrcpyException Over = new(ScrcpyFault.Ended, "over");

    static bool IsDone(ValueTask sending) => sending.IsCompletedSuccessfully;

    static KeyMessage Key(int number) => new(KeyAction.Down, number);

    [Fact]
    public async Task What_comes_while_the_phone_takes_nothing_goes_out_at_once_and_in_order()
    {
        using var phone = new GatedStream();
        var writer = new ControlWriter(phone);
        using var end = new CancellationTokenSource();
        var running = writer.RunAsync(end.Token);
        await writer.SendAsync(Key(0), default);
        await Wait.UntilAsync("the first", () => phone.Written.Count == 1);
        for (var i = 1; i <= 1000; i++)
            Assert.True(IsDone(writer.SendAsync(Key(i), default)));
        phone.Open();
        await Wait.UntilAsync("the others", () => phone.Written.Sum(w => w.Length) == 1001 * 14);
        Assert.Equal(2, phone.Written.Count);
        Assert.Equal(Enumerable.Range(0, 1001),
            phone.Written.SelectMany(w => w.Chunk(14)).Select(m => m[4] << 8 | m[5]));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Where_too_much_waits_the_caller_waits_too_and_may_give_up()
    {
        using var phone = new GatedStream();
        var writer = new ControlWriter(phone);
        using var end = new CancellationTokenSource();
        var running = writer.RunAsync(end.Token);
        await writer.SendAsync(Key(0), default);
        await Wait.UntilAsync("the first", () => phone.Written.Count == 1);
        // goes in spite of its length when nothing else waits
        await writer.SendAsync(new SetClipboardMessage(1, false, new('x', SetClipboardMessage.MaxBytes)), default);
        using var patience = new CancellationTokenSource();
        var impatient = writer.SendAsync(Key(1), patience.Token).AsTask();
        var patient = writer.SendAsync(Key(2), default).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.False(patient.IsCompleted);
        phone.Open();
        await patient;
        await Wait.UntilAsync("all", () => phone.Written.Sum(w => w.Length) == 14 + (256 << 10) + 14);
        Assert.Equal(2, phone.Written[^1][5]);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Whoever_waits_or_comes_when_it_is_over_is_told_why()
    {
        using var phone = new GatedStream();
        var writer = new ControlWriter(phone);
        await writer.SendAsync(new SetClipboardMessage(1, false, new('x', SetClipboardMessage.MaxBytes)), default);
        var waiting = writer.SendAsync(Key(1), default).AsTask();
        writer.End(Over);
        Assert.Equal("over", (await Assert.ThrowsAsync<ScrcpyException>(() => waiting)).Message);
        await Assert.ThrowsAsync<ScrcpyException>(async () => await writer.SendAsync(Key(2), default));
    }

    [Fact]
    public void A_message_costs_no_memory()
    {
        var writer = new ControlWriter(Stream.Null);
        SendMany(500); // makes room, and some more
        var before = GC.GetAllocatedBytesForCurrentThread();
        SendMany(100);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void SendMany(int count)
        {
            for (var i = 0; i < count; i++)
            {
                IsDone(writer.SendAsync(new TouchMessage(TouchAction.Move, 1, new(1, 2, 3, 4)), default));
                IsDone(writer.SendAsync(new TextMessage("abc中".AsMemory()), default));
            }
        }
    }

    /// <summary>Takes what is written and says nothing until it is opened.</summary>
    sealed class GatedStream : MemoryStream
    {
        readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly List<byte[]> _written = [];

        public IReadOnlyList<byte[]> Written
        {
            get
            {
                lock (_written)
                    return [.. _written];
            }
        }

        public void Open() => _open.SetResult();

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_written)
                _written.Add(buffer.ToArray());
            await _open.Task.WaitAsync(cancellationToken);
        }
    }
}
