using CloudPhone.Scheduler.Actions;
using CloudPhone.Scheduler.Nodes;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Scheduler.Reservations;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Scheduler;

static class SchedulerService
{
    public static void AddScheduler(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new SchedulerOptions(builder.Configuration));
        builder.Services.AddScoped<PlacementBook>().AddHostedService<ExpirySweep>().AddHostedService<NodeWatch>()
            .AddHostedService<ActionWorker>();
        builder.Services.AddScoped<ReservationQueue>().AddScoped<ReservationLeases>().AddScoped<UserTerms>()
            .AddHostedService<QueueWorker>();
        if (OwnNode.From(builder.Configuration) is { } own)
            builder.Services.AddSingleton(own).AddSingleton<IStartupPreparation, OwnNodeRegistration>();
    }

    public static void MapScheduler(this WebApplication app)
    {
        var operators = app.MapGroup("/api/scheduler").WithTags("Scheduler").RequireAuthorization(Policies.Operator)
            .ProducesProblem(401).ProducesProblem(403);
        operators.MapNodes();
        operators.MapNodeDrain();
        operators.MapPlacementLists();
        app.MapActions();
        app.MapReservations();
        var siblings = app.MapGroup("/internal").RequireAuthorization(Policies.Service).ExcludeFromDescription();
        siblings.MapGroup("/nodes").MapHeartbeats();
        var placements = siblings.MapGroup("/placements");
        placements.MapPlace();
        placements.MapRelease();
        placements.MapMove();
    }
}
