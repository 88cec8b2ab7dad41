using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Scheduler;

/// <summary>The service's own settings, read and checked at start.</summary>
public sealed class SchedulerOptions
{
    /// <exception cref="SettingException">One of them is wrong.</exception>
    public SchedulerOptions(IConfiguration configuration)
    {
        Strategy = configuration["PLACEMENT_STRATEGY"] switch
        {
            null or "" or "spread" => PlacementStrategy.Spread,
            "pack" => PlacementStrategy.Pack,
            var v => throw new SettingException($"Set PLACEMENT_STRATEGY to spread or pack, not '{v}'."),
        };
        NodeDownAfter = TimeSpan.FromSeconds(configuration.Number("NODE_DOWN_SECONDS", 60, 5, 3600));
        MaxReservations = configuration.Number("MAX_RESERVATIONS_PER_USER", 5, 0, 1000);
        ReservationHold = TimeSpan.FromMinutes(configuration.Number("RESERVATION_HOLD_MINUTES", 15, 1, 1440));
        SavingLimit = TimeSpan.FromMinutes(configuration.Number("RESERVATION_SAVING_MINUTES", 60, 1, 10_080));
        QueueDepth = configuration.Number("RESERVATION_QUEUE_DEPTH", 1000, 1, 100_000);
        MaxActions = configuration.Number("MAX_ACTIONS_PER_USER", 100, 0, 10_000);
    }

    /// <summary>Where a request names none.</summary>
    public PlacementStrategy Strategy { get; }

    /// <summary>A node that was heard of once, and then not for so long, is down.</summary>
    public TimeSpan NodeDownAfter { get; }

    /// <summary>Reservations of a user that wait or are ready.</summary>
    public int MaxReservations { get; }

    /// <summary>How long room is held for who reserved it.</summary>
    public TimeSpan ReservationHold { get; }

    /// <summary>How long the only node that takes phones is saved for reservations; then it is for all again as
    /// long.</summary>
    public TimeSpan SavingLimit { get; }

    /// <summary>How much of the queue is read at once.</summary>
    public int QueueDepth { get; }

    /// <summary>Timed actions that a user may have.</summary>
    public int MaxActions { get; }
}
