using CloudPhone.Shared.Auth;

namespace CloudPhone.Users.Quotas;

static class QuotaRoutes
{
    public static void AddQuotas(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<QuotaCache>().AddScoped<Holdings>().AddScoped<Expiry>().AddScoped<QuotaReader>()
            .AddScoped<QuotaTerms>()
            .AddScoped<Reconciliation>().AddHostedService<ExpirySweep>().AddHostedService<ReconciliationWorker>();

    public static void MapQuotas(this IEndpointRouteBuilder routes)
    {
        var quotas = routes.MapGroup("/api/quotas").WithTags("Quotas");
        quotas.MapGet("/user/{userId:guid}", GetQuota.Handle).RequireAuthorization(Policies.UserOrService)
            .WithName("getQuota")
            .WithSummary("What a user may have and what is taken of it").ProducesProblem(404);
        quotas.MapPut("/user/{userId:guid}", SetQuota.Handle).RequireAuthorization(Policies.Operator)
            .WithName("setQuota")
            .WithSummary("Change limits and validity, for operators").ProducesProblem(400).ProducesProblem(404)
            .ProducesProblem(409);
        quotas.MapPost("/user/{userId:guid}/usage", ReportUsage.Handle).RequireAuthorization(Policies.Service)
            .WithName("reportUsage")
            .WithSummary("Count a phone, or give back what it took; for services").ProducesProblem(400)
            .ProducesProblem(404).ProducesProblem(409);
        quotas.MapPost("/batch-usage", ReportUsage.HandleBatch).RequireAuthorization(Policies.Service)
            .WithName("reportUsages")
            .WithSummary("Up to 100 reports at once; for services").ProducesProblem(400);

        routes.MapPost("/internal/quotas/reserve", Reserve.Handle).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
        routes.MapGet("/internal/quotas/limits", GetQuota.HandleLimits).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
        routes.MapGet("/internal/quotas/standing", GetQuota.HandleStanding).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
        routes.MapPost("/cron/reconcile-quotas", ReconciliationTurn.Ask).RequireAuthorization(Policies.Sidecar)
            .ExcludeFromDescription();
    }
}
