using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Sidecar.Tests.Testing;

public sealed record Recorded(
    DateTime At, string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>
/// What the app answers: status, body (JSON where it begins with one of <c>{["</c>), headers, and after which
/// delay.
/// </summary>
public sealed record Reply(
    int Status = 200, string Body = "", TimeSpan Delay = default, params (string Name, string Value)[] Headers)
{
    public static implicit operator Reply(int status) => new(status);
    public static implicit operator Reply(string json) => new(200, json);
}

/// <summary>An app beside a sidecar that records every request and answers as it is told.</summary>
public sealed class RecordingApp : IAsyncDisposable
{
    readonly WebApplication _web;
    readonly ConcurrentQueue<Recorded> _seen = new();
    readonly ConcurrentDictionary<string, (Reply[] Replies, int[] Count)> _rules = new();

    RecordingApp(WebApplication web) => _web = web;

    public int Port => new Uri(_web.Urls.First()).Port;

    public static async Task<RecordingApp> StartAsync(string config = "{}", string subscribe = "[]", int port = 0)
    {
        var app = new RecordingApp(BareWeb.At(port).Build());
        app.On("/dapr/config", config);
        app.On("/dapr/subscribe", subscribe);
        app._web.Run(app.AnswerAsync);
        await app._web.StartAsync();
        return app;
    }

    /// <summary>
    /// Answers the replies in turn, then repeats the last. A path that nobody set answers 200 with an empty body.
    /// </summary>
    public void On(string path, params Reply[] replies) => _rules[path] = (replies, [0]);

    public IReadOnlyList<Recorded> Requests(string? path = null, string? method = null) =>
        [.. _seen.Where(r => (path is null || r.Path == path) && (method is null || r.Method == method))];

    public async Task<IReadOnlyList<Recorded>> WaitAsync(string path, int count = 1, double seconds = 20)
    {
        await Wait.UntilAsync($"{count} x {path}", () => Requests(path).Count >= count, seconds);
        return Requests(path);
    }

    async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        var path = http.Request.Path.ToUriComponent();
        Reply reply = 200;
        if (_rules.TryGetValue(path, out var rule))
            reply = rule.Replies[Math.Min(Interlocked.Increment(ref rule.Count[0]) - 1, rule.Replies.Length - 1)];
        _seen.Enqueue(new(DateTime.UtcNow, http.Request.Method, path, http.Request.QueryString.ToString(),
            http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), body));
        await Task.Delay(reply.Delay);
        http.Response.StatusCode = reply.Status;
        if (reply.Body.Length > 0 && "{[\"".Contains(reply.Body[0]))
            http.Response.ContentType = "application/json";
        foreach (var (name, value) in reply.Headers)
            http.Response.Headers[name] = value;
        if (reply.Body.Length > 0)
            await http.Response.WriteAsync(reply.Body);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
