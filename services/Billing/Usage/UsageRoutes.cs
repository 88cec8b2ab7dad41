namespace CloudPhone.Billing.Usage;

static class UsageRoutes
{
    public static void MapUsage(this IEndpointRouteBuilder routes)
    {
        routes.MapUsageRecords();
        routes.MapDailyUsage();
        routes.MapRunningCost();
    }
}
