using System.Collections.Concurrent;
using CloudPhone.Sidecar.Hosting;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>
/// A durable message broker in one SQLite file, for the sidecars of one process. One thread owns the file and
/// everything in memory: what comes while it writes becomes its next transaction, so that many publishers share one
/// wait for the disk. Where there is nothing to do it sleeps.
/// </summary>
sealed partial class EmbeddedBroker : IAsyncDisposable
{
    const int LargestBatch = 500;

    readonly BlockingCollection<BrokerCommand> _commands = [];
    readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _closing = new();
    readonly ILogger _log;
    readonly BrokerState _state;

    EmbeddedBroker(BrokerState state, ILogger log)
    {
        (_state, _log) = (state, log);
        TellGate(wasOpen: true);
        new Thread(Run) { IsBackground = true, Name = "embedded broker" }.Start();
    }

    internal Task Closed => _closed.Task;
    internal CancellationToken Closing => _closing.Token;

    /// <summary>
    /// The broker of that file, opened once for all sidecars of the process; see <see cref="ExpectedSubscribers"/>.
    /// </summary>
    /// <exception cref="ConfigurationException">The file can't be used, or another process has it.</exception>
    public static EmbeddedBroker Open(SidecarNeighbourhood neighbourhood, string path, TimeProvider time, ILogger log)
    {
        var full = Path.GetFullPath(path);
        return neighbourhood.Shared(full, () => ExpectedSubscribers.Of(neighbourhood).Open(appIds =>
        {
            var state = new BrokerState(EmbeddedStore.Open(full), time);
            state.Gate.Expect(appIds);
            return new(state, log);
        }));
    }

    /// <summary>
    /// From now on messages are stored but reach no queue until each of these apps has told its subscriptions, now or
    /// earlier in the file's life; then all go out in order. An empty list lets everything through.
    /// </summary>
    public void ExpectSubscribers(IReadOnlyCollection<string> appIds) => Post(new Expectation(appIds));

    /// <summary>That app has declared all of its subscriptions, or has none.</summary>
    public Task SubscriptionsToldAsync(string appId) => Post(new Telling(appId));

    internal Task PublishAsync(Publication publication) => Post(publication);

    internal Task DeclareAsync(Declaration declaration) => Post(declaration);

    internal Task CancelAsync(EmbeddedConsumer consumer)
    {
        var cancellation = new Cancellation(consumer);
        return Task.WhenAny(Post(cancellation), Closed);
    }

    internal void Settle(EmbeddedQueue queue, long message, EmbeddedConsumer consumer, Fate fate) =>
        Post(new Settlement(queue, message, consumer, fate));

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        _commands.CompleteAdding();
        await _closed.Task;
        _closing.Dispose();
        _commands.Dispose();
    }

    Task Post(BrokerCommand command)
    {
        try
        {
            _commands.Add(command);
        }
        catch (InvalidOperationException)
        {
            command.Complete(new InvalidOperationException("the embedded broker is closed"));
        }
        return command.Done;
    }

    void Run()
    {
        var batch = new List<BrokerCommand>();
        var failed = false;
        // after a failed write, try again with the next command and not at once
        while (Fill(batch, mayBeEmpty: _state.HasWork && !failed))
        {
            failed = !Execute(batch);
            batch.Clear();
        }
        _state.Dispose();
        _closed.SetResult();
    }

    /// <summary>
    /// Waits for a command, unless there is other work, and takes what else has come; false at the end.
    /// </summary>
    bool Fill(List<BrokerCommand> batch, bool mayBeEmpty)
    {
        if (!mayBeEmpty && _commands.TryTake(out var first, Timeout.Infinite))
            batch.Add(first);
        while (batch.Count < LargestBatch && _commands.TryTake(out var next))
            batch.Add(next);
        return batch.Count > 0 || !_commands.IsAddingCompleted;
    }

    bool Execute(List<BrokerCommand> batch)
    {
        var wasOpen = _state.Gate.IsOpen;
        foreach (var c in batch)
            c.Note(_state);
        var written = new List<BrokerCommand>(batch.Count);
        var error = Transact(batch, written);
        if (error is not null)
            WriteFailed(_log, error, batch.Count);
        foreach (var c in written)
        {
            if (error is null)
                c.Committed(_state);
            c.Complete(error);
        }
        TellGate(wasOpen);
        return Deliver() && error is null;
    }

    bool Deliver()
    {
        try
        {
            _state.Deliver();
            return true;
        }
        catch (SqliteException e)
        {
            ReadFailed(_log, e);
            return false;
        }
    }

    /// <summary>
    /// Writes the whole batch or nothing. A command that is wrong in itself is completed here with its own error.
    /// </summary>
    SqliteException? Transact(List<BrokerCommand> batch, List<BrokerCommand> written)
    {
        try
        {
            _state.Store.Begin(batch.Exists(c => c.IsDurable));
            _state.WriteOwnWork();
            foreach (var c in batch)
            {
                try
                {
                    c.Write(_state);
                    written.Add(c);
                }
                catch (InvalidOperationException e)
                {
                    c.Complete(e);
                }
            }
            _state.Store.Commit();
            _state.Committed();
            return null;
        }
        catch (SqliteException e)
        {
            written.Clear();
            written.AddRange(batch.Where(c => !c.Done.IsCompleted));
            _state.Recover();
            return e;
        }
    }

    void TellGate(bool wasOpen)
    {
        if (_state.Gate.IsOpen && !wasOpen)
            GateOpened(_log);
        else if (wasOpen && !_state.Gate.IsOpen)
            GateClosed(_log, _state.Gate.Missing);
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the embedded broker could not write {Commands} commands; they are answered with this error")]
    static partial void WriteFailed(ILogger log, Exception error, int commands);

    [LoggerMessage(Level = LogLevel.Error, Message = "the embedded broker could not read its file")]
    static partial void ReadFailed(ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "events are kept back until these apps have told their subscriptions: {Apps}")]
    static partial void GateClosed(ILogger log, IReadOnlyList<string> apps);

    [LoggerMessage(Level = LogLevel.Information, Message = "every app has told its subscriptions: events go out")]
    static partial void GateOpened(ILogger log);
}
