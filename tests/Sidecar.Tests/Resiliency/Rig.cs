using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Sidecar.Tests.Resiliency;

/// <summary>What became of one call through a policy.</summary>
sealed record Outcome(int Attempts, int? Status, Exception? Error, IReadOnlyList<double> Gaps, double Seconds);

/// <summary>Policies from YAML texts on a clock that the test winds.</summary>
sealed class Rig
{
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    public Rig(params string[] specs) : this(specs.Select((s, i) => Resource(s, $"r{i}")))
    {
    }

    Rig(IEnumerable<string> resources) =>
        Policies = new(Load([.. resources]), Time, NullLogger<ResiliencyPolicies>.Instance);

    public FakeTimeProvider Time { get; } = new();
    public ResiliencyPolicies Policies { get; }

    public static Rig OfFiles(params string[] files) => new(files.AsEnumerable());

    public static string Resource(string spec, string name, string? scope = null) =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata:\n  name: {name}\n"
        + (scope is null ? "" : $"scopes: [{scope}]\n") + $"spec:\n{spec}\n";

    /// <summary>The attempt answers the statuses in turn, then repeats the last; 400 and more count as
    /// failures.</summary>
    public Task<Outcome> AnswerAsync(PolicyRunner policy, params int[] statuses) =>
        RunAsync(policy, (n, _) => Task.FromResult(statuses[Math.Min(n, statuses.Length - 1)]));

    public Task<Outcome> AnswerSlowlyAsync(PolicyRunner policy, double seconds) => RunAsync(policy, async (_, ct) =>
    {
        // Not Task.Delay: its cancellation wakes the waiter on another thread, while the clock goes on.
        var done = new TaskCompletionSource<int>();
        await using var cancelled = ct.Register(() => done.TrySetCanceled(ct));
        await using var timer = Time.CreateTimer(
            _ => done.TrySetResult(200), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
        return await done.Task;
    });

    public Task<Outcome> ThrowAsync(PolicyRunner policy, Exception error, CancellationToken ct = default) =>
        RunAsync(policy, (_, _) => throw error, ct);

    /// <summary>Without a synchronisation context everything that a timer wakes runs before the clock goes
    /// on.</summary>
    public Task<Outcome> RunAsync(
        PolicyRunner policy, Func<int, CancellationToken, Task<int>> attempt, CancellationToken ct = default) =>
            Task.Run(async () =>
    {
        var start = Time.GetUtcNow();
        var tries = new List<DateTimeOffset>();
        var run = policy.RunAsync(t =>
        {
            tries.Add(Time.GetUtcNow());
            return attempt(tries.Count - 1, t);
        }, status => status >= 400 || status < 200 ? status : null, ct);
        while (!run.IsCompleted)
            Time.Advance(Step);
        var gaps = tries.Zip(tries.Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        var seconds = (Time.GetUtcNow() - start).TotalSeconds;
        try
        {
            return new Outcome(tries.Count, await run, null, gaps, seconds);
        }
        catch (Exception e)
        {
            return new Outcome(tries.Count, null, e, gaps, seconds);
        }
    }, CancellationToken.None);

    static LoadedResources Load(string[] files)
    {
        var folder = Directory.CreateTempSubdirectory("resiliency-");
        try
        {
            for (var i = 0; i < files.Length; i++)
                File.WriteAllText(Path.Combine(folder.FullName, $"r{i:00}.yaml"), files[i]);
            return ResourceLoader.Load(new() { AppId = "api-gateway", ResourcesPaths = [folder.FullName] });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
