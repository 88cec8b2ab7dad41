using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Security.Cryptography;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Http;

/// <summary>
/// One use of an Idempotency-Key: who, which route, and, once it is answered, the answer. Kept for 24 hours.
/// </summary>
public sealed class IdempotencyKey
{
    /// <summary>Hash of caller, method, path and key.</summary>
    [MaxLength(64)]
    public required string Scope { get; set; }
    /// <summary>Hash of query and body: the same key with another request is a mistake.</summary>
    [MaxLength(64)]
    public required string Fingerprint { get; set; }
    /// <summary>The id for what the request creates, the same when it runs again after a crash.</summary>
    public Guid ResourceId { get; set; }
    /// <summary>Until then the request counts as running; of a process that died it comes free.</summary>
    public DateTimeOffset RunningUntil { get; set; }
    /// <summary>From then on the key is free for another request.</summary>
    public DateTimeOffset ExpiresAt { get; set; }
    /// <summary>Null: not answered yet.</summary>
    public int? Status { get; set; }
    /// <summary>Of the answer; null: it had no body.</summary>
    public string? ContentType { get; set; }
    /// <summary>Of the answer; null: it named none.</summary>
    public string? Location { get; set; }
    /// <summary>The answer's, to be repeated as it was; empty for none.</summary>
    [Column(TypeName = "text")]
    public string? Body { get; set; }
}

/// <summary>
/// Gives ids to what a request creates. Under an Idempotency-Key the first is the same each time, so that a request
/// which is repeated after a crash finds what its first run has left instead of making a second one.
/// </summary>
public sealed class ResourceIds(TimeProvider clock)
{
    Guid? _kept;

    internal void Keep(Guid id) => _kept = id;

    /// <summary>
    /// Another id in place of one whose creation came to nothing; the same each time, too.
    /// </summary>
    public static Guid After(Guid id)
    {
        var bytes = id.ToByteArray(bigEndian: true);
        // the time, and with it the place in lists, stays; the rest of a version 7 id is random
        var random = SHA256.HashData(bytes).AsSpan(0, 10);
        random[0] = (byte)((random[0] & 0x0F) | 0x70);
        random[2] = (byte)((random[2] & 0x3F) | 0x80);
        random.CopyTo(bytes.AsSpan(6));
        return new(bytes, bigEndian: true);
    }

    /// <summary>
    /// A version 7 id. Under an Idempotency-Key only the first of a request is the kept one: ask for it first for what
    /// the request is about.
    /// </summary>
    public Guid New()
    {
        var id = _kept ?? Guid.CreateVersion7(clock.GetUtcNow());
        _kept = null;
        return id;
    }
}

static class IdempotencySetup
{
    public static void AddIdempotency(this IServiceCollection services) =>
        services.AddScoped<ResourceIds>().AddSingleton<IdempotencyStore>();
}

enum Claim { Ours, Running, Answered, OtherRequest }

/// <summary>Claims and settles keys, each in a transaction of its own, apart from the request's.</summary>
sealed partial class IdempotencyStore(
    IServiceScopeFactory scopes, TimeProvider clock, ILogger<IdempotencyStore> log)
{
    static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    /// <summary>A process that died holds its keys for so long.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan MaxLook = TimeSpan.FromMilliseconds(500);

    /// <param name="patience">How long to wait for a first request that runs.</param>
    public async Task<(Claim Claim, IdempotencyKey? Row)> ClaimAsync(
        string scope, string fingerprint, TimeSpan patience, CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        for (var pause = FirstLook; ; pause = pause * 2 < MaxLook ? pause * 2 : MaxLook)
        {
            var (claim, row) = await TryClaimAsync(scope, fingerprint, ct);
            if (claim != Claim.Running || clock.GetElapsedTime(start) + pause > patience)
                return (claim, row);
            await Task.Delay(pause, clock, ct);
        }
    }

    async Task<(Claim Claim, IdempotencyKey? Row)> TryClaimAsync(
        string scope, string fingerprint, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var services = scopes.CreateAsyncScope();
        var db = services.ServiceProvider.GetRequiredService<ServiceDb>();
        var keys = db.IdempotencyKeys.Where(k => k.Scope == scope);
        var found = await keys.AsNoTracking().SingleOrDefaultAsync(ct);
        if (found is null || found.ExpiresAt < now)
        {
            await keys.Where(k => k.ExpiresAt < now).ExecuteDeleteAsync(ct);
            if (await InsertAsync(db, scope, fingerprint, now, ct) is { } ours)
                return (Claim.Ours, ours);
            found = await keys.AsNoTracking().SingleOrDefaultAsync(ct); // another was faster
        }
        if (found is null)
            return (Claim.Running, null);
        if (found.Fingerprint != fingerprint)
            return (Claim.OtherRequest, found);
        if (found.Status is not null)
            return (Claim.Answered, found);
        var until = now + Lease;
        var taken = found.RunningUntil < now ? await keys
            .Where(k => k.Status == null && k.RunningUntil == found.RunningUntil)
            .ExecuteUpdateAsync(s => s.SetProperty(k => k.RunningUntil, until), ct) : 0;
        return (taken == 1 ? Claim.Ours : Claim.Running, found);
    }

    /// <returns>Null: somebody else has it.</returns>
    static async Task<IdempotencyKey?> InsertAsync(
        ServiceDb db, string scope, string fingerprint, DateTimeOffset now, CancellationToken ct)
    {
        var row = new IdempotencyKey
        {
            Scope = scope, Fingerprint = fingerprint, ResourceId = Guid.CreateVersion7(now),
            RunningUntil = now + Lease, ExpiresAt = now + Kept,
        };
        db.Add(row);
        try
        {
            await db.SaveChangesAsync(ct);
            return row;
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            db.ChangeTracker.Clear();
            return null;
        }
    }

    /// <summary>Holds a claimed key until it is cancelled.</summary>
    public async Task HoldAsync(string scope, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(RenewEvery, clock);
        while (await timer.WaitForNextTickAsync(ct))
        {
            var until = clock.GetUtcNow() + Lease;
            try
            {
                await using var services = scopes.CreateAsyncScope();
                await services.ServiceProvider.GetRequiredService<ServiceDb>().IdempotencyKeys
                    .Where(k => k.Scope == scope && k.Status == null)
                    .ExecuteUpdateAsync(s => s.SetProperty(k => k.RunningUntil, until), ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                NotHeld(log, e.Message); // there are more turns before it comes free
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "An Idempotency-Key in use could not be held for longer: {Reason}")]
    static partial void NotHeld(ILogger log, string reason);

    /// <summary>
    /// Keeps the answer for repetitions. A request that was refused before it did anything frees the key; one that
    /// failed or was broken off may have done something, so its repetition gets the same id for what it creates.
    /// </summary>
    public async Task SettleAsync(string scope, int status, string? contentType, string? location, string body)
    {
        await using var services = scopes.CreateAsyncScope();
        var keys = services.ServiceProvider.GetRequiredService<ServiceDb>().IdempotencyKeys.Where(
            k => k.Scope == scope);
        var over = clock.GetUtcNow() - TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond);
        if (status is 401 or 408 or 429)
            await keys.ExecuteDeleteAsync();
        else if (status >= 500)
            await keys.ExecuteUpdateAsync(s => s.SetProperty(k => k.RunningUntil, over));
        else
            await keys.ExecuteUpdateAsync(
                s => s.SetProperty(k => k.Status, status).SetProperty(k => k.ContentType, contentType)
                .SetProperty(k => k.Location, location).SetProperty(k => k.Body, body));
    }
}
