using CloudPhone.Devices.Api;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Templates;

sealed record TemplateView(
    string Name, string DeviceType, int CpuCores, int MemoryGB, int StorageGB, ScreenView Screen, int? AndroidVersion)
{
    public static TemplateView Of(Template t) => new(
        t.Name, t.DeviceType, t.CpuCores, t.MemoryGB, t.StorageGB, ScreenView.Of(t.Look), t.Look.AndroidVersion);
}

static class TemplateRoutes
{
    public static void MapTemplates(this RouteGroupBuilder devices) =>
        devices.MapGet("/templates", List).WithName("ListTemplates")
            .WithSummary("The named sizes that phones can be made in.");

    /// <summary>A page, as all lists are; it is the only one.</summary>
    static Ok<Page<TemplateView>> List(DeviceOptions options) =>
        TypedResults.Ok(new Page<TemplateView>([.. options.Templates.Select(TemplateView.Of)], null));
}
