using CloudPhone.Adb;
using CloudPhone.Adb.Sync;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace CloudPhone.Devices.Phones.Files;

static class Download
{
    public static void MapDownload(this RouteGroupBuilder phone) =>
        phone.MapGet("/files/content", Handle).WithName("DownloadDeviceFile").WithSummary("The bytes of a file.")
            .Produces(200, contentType: "application/octet-stream").ProducesProblem(400);

    static Task<Results<PhoneFileResult, ProblemHttpResult>> Handle(
        Guid id, string? path, CurrentUser user, PhoneCalls calls, CancellationToken ct) =>
        calls.CallAsync<PhoneFileResult>(id, path, user, null, PhoneCalls.ShortLimit, async (call, asked, end) =>
        {
            if (await asked.RealAsync(call.Phone, end) is not { } file)
                return Problems.NotFound("file");
            var sync = await AdbSync.OpenAsync(call.Phone, end);
            PhoneFileResult? result = null;
            try
            {
                if (await sync.StatAsync(file.Text, end) is not { } there)
                    return Problems.NotFound("file");
                if (!there.IsRegular)
                    return Problems.Conflict("not-a-file", "This is no file.");
                // what can't be read is said before the answer begins
                await sync.BeginReadAsync(file.Text, end);
                var first = new byte[SyncReader.MaxChunk];
                var n = await sync.ReadAsync(first, end);
                return result = new(sync, first, n, asked.Name);
            }
            finally
            {
                if (result is null)
                    await sync.DisposeAsync();
            }
        }, ct);
}

/// <summary>A file as it comes from the phone; it has no length, for files may grow meanwhile. One that breaks off
/// breaks the answer off.</summary>
/// <param name="buffer">With the first bytes in it, <paramref name="filled"/> many.</param>
sealed class PhoneFileResult(AdbSync sync, byte[] buffer, int filled, string name) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using (sync)
        {
            var response = httpContext.Response;
            response.ContentType = "application/octet-stream";
            response.Headers.CacheControl = "no-store";
            response.Headers.XContentTypeOptions = "nosniff";
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(name);
            response.Headers.ContentDisposition = disposition.ToString();
            try
            {
                for (var n = filled; n > 0; n = await sync.ReadAsync(buffer, httpContext.RequestAborted))
                    await response.Body.WriteAsync(buffer.AsMemory(0, n), httpContext.RequestAborted);
            }
            catch (Exception e) when (e is AdbException or OperationCanceledException)
            {
                httpContext.Abort();
            }
        }
    }
}
