using CloudPhone.Apps.Storage;
using CloudPhone.Shared.Http;

namespace CloudPhone.Apps.Uploads;

/// <summary>The form of a new app, for the API's description.</summary>
/// <param name="Preinstall"><c>true</c> or <c>false</c>, which it is unless given.</param>
sealed record NewAppForm(IFormFile File, string Name, string? Description, bool? Preinstall);

/// <inheritdoc cref="NewAppForm"/>
sealed record NewVersionForm(IFormFile File);

static class UploadRoutes
{
    /// <summary>The other parts of the form and what is around them.</summary>
    const long FormOverhead = 256 << 10;

    public static void MapUploads(this RouteGroupBuilder apps, AppOptions options)
    {
        var limit = new BodyLimit(options.MaxBytes + FormOverhead);
        apps.MapPost("/", CreateApp.Handle).WithName("CreateApp").WithSummary("Uploads the first version of an app.")
            .Accepts<NewAppForm>("multipart/form-data").WithMetadata(limit).AddEndpointFilter<StoreFilter>()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);
        apps.MapPost("/{id:guid}/versions", AddVersion.Handle).WithName("AddAppVersion")
            .WithSummary("Uploads another version of an app.")
            .Accepts<NewVersionForm>("multipart/form-data").WithMetadata(limit).AddEndpointFilter<StoreFilter>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413)
            .ProducesProblem(415).ProducesProblem(503);
    }
}
