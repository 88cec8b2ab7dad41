using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Users.Tests.Sessions;

/// <summary>Counts what requests ask of the database, commits included; not what is done later because of
/// them.</summary>
sealed class CommandCount : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";
    static readonly CommandCount Instance = new();
    readonly ConcurrentDictionary<string, int> _counts = new();

    /// <summary>Before the first service: a context that nobody has listened to looks for listeners only now and then,
    /// and pooled contexts live on.</summary>
    [ModuleInitializer]
    internal static void Listen() => DiagnosticListener.AllListeners.Subscribe(Instance);

    public static int Of(string requestId) => Instance._counts.GetValueOrDefault(requestId);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore")
            value.Subscribe(this);
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
}
