using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Tests.Work;

/// <summary>A call for one chore.</summary>
sealed record ChoreCall(string Name, string Replica, string RequestId, string TraceParent);

/// <summary>Where the chores of SampleService are done: the test decides how.</summary>
sealed class ChoreServer(WebApplication web) : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, bool> _inHand = new();
    readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();

    public ConcurrentQueue<ChoreCall> Calls { get; } = new();

    /// <summary>Names of chores that were in two hands at once.</summary>
    public ConcurrentQueue<string> Collisions { get; } = new();

    public string Url => $"{web.Urls.First()}/";

    public int CallsOf(string name) => Calls.Count(c => c.Name == name);

    /// <summary>From now on calls for it are not answered, until <see cref="Release"/>.</summary>
    public void Hold(string name) => _held[name] = new();

    public void Release(string name) => _held[name].TrySetResult();

    public static async Task<ChoreServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var server = new ChoreServer(web);
        web.MapPost("/{name}", server.DoAsync);
        await web.StartAsync();
        return server;
    }

    async Task<IResult> DoAsync(string name, HttpRequest request, CancellationToken ct)
    {
        Calls.Enqueue(new(
            name, request.Headers["Replica"]!, request.Headers["X-Request-ID"]!, request.Headers.TraceParent!));
        if (!_inHand.TryAdd(name, true))
            Collisions.Enqueue(name);
        try
        {
            if (_held.TryGetValue(name, out var held))
                await held.Task.WaitAsync(ct);
            return name == "poison" ? Results.StatusCode(500) : Results.NoContent();
        }
        finally
        {
            _inHand.TryRemove(name, out _);
        }
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
