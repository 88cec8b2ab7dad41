using System.Diagnostics.Metrics;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Passwords;

/// <summary>
/// Hashing costs a core for a fifth of a second: few run at a time, on threads of their own, and few more wait. Whoever
/// comes then is told to come back, so that a storm of logins can't take the service from everybody else.
/// </summary>
sealed class PasswordHasher : IDisposable
{
    readonly SemaphoreSlim _running;
    readonly int _maxTurns;
    readonly Counter<long> _hashes;
    readonly PasswordHash _dummy;
    int _turns;

    public PasswordHasher(UsersOptions options, IMeterFactory meters)
    {
        Iterations = options.HashIterations;
        _running = new(options.HashConcurrency);
        _maxTurns = options.HashConcurrency + options.HashQueue;
        _hashes = meters.Create("CloudPhone").CreateCounter<long>("password_hashes");
        _dummy = PasswordHash.Compute("", 1) with { Iterations = Iterations };
    }

    public int Iterations { get; }

    public static ProblemHttpResult Busy =>
        Problems.Unavailable(
            "busy", "Too many people sign in at this moment; try again shortly.", TimeSpan.FromSeconds(2));

    /// <summary>A place in the queue, to be disposed; null where it is full.</summary>
    public Turn? TryTakeTurn()
    {
        if (Interlocked.Increment(ref _turns) <= _maxTurns)
            return new(this);
        Interlocked.Decrement(ref _turns);
        return null;
    }

    async Task<T> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        await _running.WaitAsync(ct);
        try
        {
            _hashes.Add(1);
            return await Task.Factory.StartNew(() => { LowPriority.Take(); return work(); },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _running.Release();
        }
    }

    public void Dispose() => _running.Dispose();

    public sealed class Turn(PasswordHasher hasher) : IDisposable
    {
        public async Task<string> HashAsync(string password, CancellationToken ct) =>
            (await hasher.RunAsync(() => PasswordHash.Compute(password, hasher.Iterations), ct)).ToString();

        /// <summary>Without a hash, for a user who doesn't exist, it costs the same and is false.</summary>
        public async Task<bool> VerifyAsync(string password, string? kept, CancellationToken ct)
        {
            var hash = kept is null ? hasher._dummy : PasswordHash.Parse(kept);
            return await hasher.RunAsync(() => hash.Matches(password), ct) && kept is not null;
        }

        public bool IsOld(string kept) => PasswordHash.Parse(kept).Iterations < hasher.Iterations;

        public void Dispose() => Interlocked.Decrement(ref hasher._turns);
    }
}
