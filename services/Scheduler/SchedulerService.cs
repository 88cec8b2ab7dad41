using CloudPhone.Scheduler.Nodes;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Scheduler;

static class SchedulerService
{
    public static void AddScheduler(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<PlacementBook>().AddHostedService<ExpirySweep>();
        if (OwnNode.From(builder.Configuration) is { } own)
            builder.Services.AddSingleton(own).AddSingleton<IStartupPreparation, OwnNodeRegistration>();
    }

    public static void MapScheduler(this WebApplication app)
    {
        var operators = app.MapGroup("/api/scheduler").WithTags("Scheduler").RequireAuthorization(Policies.Operator)
            .ProducesProblem(401).ProducesProblem(403);
        operators.MapNodes();
        operators.MapPlacementLists();
        var siblings = app.MapGroup("/internal/placements").RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
        siblings.MapPlace();
        siblings.MapRelease();
    }
}
