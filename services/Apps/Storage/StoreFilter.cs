using CloudPhone.Shared.Http;

namespace CloudPhone.Apps.Storage;

/// <summary>Whoever needs a file while the store is away is told to come again.</summary>
sealed partial class StoreFilter(ILogger<StoreFilter> log) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (StoreException e)
        {
            Away(log, e.Message);
            return Problems.Unavailable("storage-unavailable", "The files of apps can't be reached at the moment.");
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A file of an app can't be stored or read: {Reason}")]
    static partial void Away(ILogger log, string reason);
}
