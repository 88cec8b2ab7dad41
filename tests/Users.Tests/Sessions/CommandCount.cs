using System.Collections.Concurrent;
using System.Diagnostics;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Users.Tests.Sessions;

/// <summary>Counts what requests ask of the database, commits included; not what is done later because of
/// them.</summary>
sealed class CommandCount : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";
    readonly ConcurrentDictionary<string, int> _counts = new();
    readonly List<IDisposable> _subscriptions = [];

    public CommandCount() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    public int Of(string requestId) => _counts.GetValueOrDefault(requestId);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore")
            _subscriptions.Add(value.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key.EndsWith(".CommandExecuted", StringComparison.Ordinal)
            || value.Key.EndsWith(".TransactionCommitted", StringComparison.Ordinal))
            if (RequestId.Current is { } id && IsRequest(Activity.Current))
                _counts.AddOrUpdate(id, 1, (_, n) => n + 1);
    }

    static bool IsRequest(Activity? activity) =>
        activity is not null && (activity.OperationName == Request || IsRequest(activity.Parent));

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => _subscriptions.ForEach(s => s.Dispose());
}
