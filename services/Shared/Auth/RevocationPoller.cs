using CloudPhone.Contracts;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// Asks the user service each 10 s which sessions have ended. Every replica of every service does, so that an ended
/// session is over everywhere within 30 s.
/// </summary>
sealed partial class RevocationPoller(
    [FromKeyedServices(AppIds.Users)] Sibling users, Revocations revocations, IConfiguration configuration,
    TimeProvider clock, ILogger<RevocationPoller> log) : BackgroundService
{
    public const string Path = "/internal/revocations";
    const string Setting = "REVOCATION_POLL_SECONDS";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Replicas' clocks may differ, and what is written becomes visible a little later.</summary>
    static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    /// <summary>A start is no reason to warn: the sidecar and the user service may come later.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    readonly TimeSpan _every = TimeSpan.FromSeconds(configuration.Number(Setting, 10, 1, 15));
    DateTimeOffset? _since;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (failures, heard, warned) = (0, clock.GetUtcNow(), false);
        while (true)
        {
            try
            {
                await ReadAsync(stoppingToken);
                if (warned)
                    Heard(log);
                (failures, heard, warned) = (0, clock.GetUtcNow(), false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                failures++;
                if (!warned && clock.GetUtcNow() - heard > Silence)
                {
                    warned = true;
                    NotHeard(log, e.Message);
                }
            }
            await Task.Delay(
                failures == 0 ? _every : BackOff.After(failures, TimeSpan.FromSeconds(1), _every),
                clock, stoppingToken);
        }
    }

    async Task ReadAsync(CancellationToken stoppingToken)
    {
        for (var more = true; more;)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limit.CancelAfter(Patience);
            var query = _since is { } since ? $"?since={since.UtcDateTime:O}" : "";
            var feed = await users.GetAsync<RevocationFeed>(Path + query, limit.Token)
                ?? throw new SiblingUnavailableException(AppIds.Users, null);
            revocations.Add(feed);
            more = feed.More;
            _since = more ? feed.AsOf : feed.AsOf - Overlap;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "It is not known which sessions have ended lately: {Reason}")]
    static partial void NotHeard(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Information, "It is known again which sessions have ended lately")]
    static partial void Heard(ILogger log);
}
