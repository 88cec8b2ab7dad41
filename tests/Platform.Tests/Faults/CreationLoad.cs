using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>Users who create phones, several at once, and who do not ask again when they get an error.</summary>
sealed class CreationLoad
{
    readonly ConcurrentBag<Creation> _answered = [];
    readonly Task _work;

    CreationLoad(IReadOnlyList<PlatformUser> users, int perUser, int atOnce)
    {
        var requests = Enumerable.Range(0, perUser).SelectMany(i => users.Select(user => (user, $"phone {i}")));
        _work = Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = atOnce },
            async (r, _) => _answered.Add(await AskAsync(r.user, r.Item2)));
    }

    public int Promised => _answered.Count(c => c.DeviceId is not null);

    public int Answered => _answered.Count;

    /// <summary>The answers counted by status and by what they say.</summary>
    public string Summary => string.Join(", ", _answered.GroupBy(c => (c.Status, c.Reason))
        .Select(g => $"{g.Count()} x {(int?)g.Key.Status}{(g.Key.Reason is { } reason ? $" \"{reason}\"" : "")}"));

    public static CreationLoad Start(IReadOnlyList<PlatformUser> users, int perUser, int atOnce) =>
        new(users, perUser, atOnce);

    public async Task<IReadOnlyList<Creation>> CompleteAsync()
    {
        await _work;
        return [.. _answered];
    }

    static async Task<Creation> AskAsync(PlatformUser user, string name)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            using var answer = await user.CreateAsync(name);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
            var promised = answer.StatusCode == HttpStatusCode.Created
                ? body.GetProperty("device").GetProperty("id").GetGuid() : (Guid?)null;
            return new(user, name, answer.StatusCode, promised, IsRefused(answer.StatusCode, body),
                promised is null ? body.GetProperty("detail").GetString() : null, watch.Elapsed);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return new(user, name, null, null, false, e.Message, watch.Elapsed);
        }
    }

    /// <summary>A 502, a 504 or the gateway's own 503 leave open what became of the request.</summary>
    static bool IsRefused(HttpStatusCode status, JsonElement problem) => (int)status switch
    {
        < 400 => false,
        < 500 => true,
        503 => problem.GetProperty("type").GetString() is "no-capacity" or "provider-failed"
            || problem.GetProperty("detail").GetString() is { } detail
                && (detail.StartsWith("No phone was created", StringComparison.Ordinal)
                    || detail.StartsWith("Phones take no commands", StringComparison.Ordinal)),
        _ => false,
    };
}
