using System.Globalization;
using CloudPhone.Sidecar.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Sidecar.State.Http;

/// <summary><c>/v1.0/state</c>. Errors are <see cref="ApiException"/>s.</summary>
static class StateEndpoints
{
    /// <summary>Position of the key among the segments of <c>/v1.0/state/{store}/{key}</c>.</summary>
    const int KeySegment = 3;

    public static async Task<Results<StateContent, NoContent>> GetAsync(
        string store, HttpRequest request, StateApi state, CancellationToken ct)
    {
        var value = await state.GetAsync(store, request.PathSegment(KeySegment), ct);
        return value is null ? TypedResults.NoContent() : new StateContent(value, WithETag: true);
    }

    public static async Task<NoContent> SaveAsync(string store, HttpRequest request, StateApi state,
        CancellationToken ct)
    {
        state.Find(store);
        await state.SaveAsync(store, await StateRequest.ReadItemsAsync(request, ct), ct);
        return TypedResults.NoContent();
    }

    public static async Task<NoContent> DeleteAsync(string store, HttpRequest request, StateApi state,
        CancellationToken ct)
    {
        var key = request.PathSegment(KeySegment);
        await state.DeleteAsync(store, [new(key, null, request.Headers.IfMatch.ToString().Trim('"'))], ct);
        return TypedResults.NoContent();
    }

    public static async Task<JsonHttpResult<List<BulkItem>>> GetBulkAsync(
        string store, HttpRequest request, StateApi state, CancellationToken ct)
    {
        state.Find(store);
        var keys = await StateRequest.ReadKeysAsync(request, ct);
        var values = await state.GetBulkAsync(store, keys, ct);
        return TypedResults.Json(keys.Zip(values, BulkItem.Of).ToList(), StateJson.Default.ListBulkItem,
            "application/json");
    }

    public static async Task<NoContent> TransactAsync(string store, HttpRequest request, StateApi state,
        CancellationToken ct)
    {
        state.Find(store);
        await state.TransactAsync(store, await StateRequest.ReadOperationsAsync(request, ct), ct);
        return TypedResults.NoContent();
    }
}

/// <summary>A value as it was saved, with its expiry (RFC 3339) in a header.</summary>
sealed record StateContent(StateValue Value, bool WithETag) : IResult
{
    const string ExpiryHeader = "Metadata.ttlExpireTime";

    public Task ExecuteAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = Value.Data.Length;
        if (WithETag && Value.ETag.Length > 0)
            http.Response.Headers.ETag = Value.ETag;
        if (ExpiryText(Value) is { } expiry)
            http.Response.Headers[ExpiryHeader] = expiry;
        return http.Response.Body.WriteAsync(Value.Data, http.RequestAborted).AsTask();
    }

    public static string? ExpiryText(StateValue? value) =>
        value?.ExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
