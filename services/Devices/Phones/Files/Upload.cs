using CloudPhone.Adb;
using CloudPhone.Adb.Shell;
using CloudPhone.Adb.Sync;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Files;

static class Upload
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    static readonly TimeSpan CleanLimit = TimeSpan.FromSeconds(5);

    public static void MapUpload(this RouteGroupBuilder phone, DeviceOptions options) =>
        phone.MapPut("/files", Handle).WithName("UploadDeviceFile")
            .WithSummary("Writes a file, in place of one that is there; its folder must exist.")
            .Accepts<Stream>("application/octet-stream").WithMetadata(new BodyLimit(options.FileBytes))
            .ProducesProblem(400).ProducesProblem(411).ProducesProblem(413);

    static async Task<Results<Ok<FileView>, ProblemHttpResult>> Handle(
        Guid id, string? path, HttpRequest request, CurrentUser user, PhoneCalls calls, DeviceOptions options,
        TimeProvider clock, CancellationToken ct)
    {
        var length = request.ContentLength ?? 0;
        var wrong = request.ContentLength is null
            ? Problems.Of(411, "length-required", "Content-Length says how large the file is.")
            : length > options.FileBytes
            ? Problems.Of(413, "body-too-large", $"A file has at most {options.FileBytes >> 20} MB.") : null;
        return await calls.CallAsync<Ok<FileView>>(id, path, user, wrong, Limit, async (call, asked, end) =>
        {
            if (asked.IsRoot || await asked.InRealFolderAsync(call.Phone, end) is not { } file)
                return Problems.NotFound("folder");
            await using var sync = await AdbSync.OpenAsync(call.Phone, end);
            if (await sync.StatAsync(file.Folder, end) is not { IsFolder: true })
                return Problems.NotFound("folder");
            if (await sync.StatAsync(file.Text, end) is { IsFolder: true })
                return Problems.Conflict("not-a-file", "There is a folder of this name.");
            await call.RecordAsync(Acts.FileWritten, $"{asked.Text}, {length} bytes", end);
            await WriteAsync(call.Phone, sync, file, request.Body, length, clock, end);
            return await sync.StatAsync(file.Text, end) is { } written ? TypedResults.Ok(FileView.Of(written))
                : Problems.Conflict("phone-refused", "The file is gone again.");
        }, ct);
    }

    /// <summary>Beside the file first: it is there as a whole or as it was.</summary>
    static async Task WriteAsync(
        AdbPhone phone, AdbSync sync, PhonePath file, Stream source, long length, TimeProvider clock,
        CancellationToken ct)
    {
        var part = $"{file.Folder}/.{Guid.NewGuid():N}.part";
        try
        {
            await sync.WriteAsync(part, source, length, clock.GetUtcNow(), ct);
            await phone.DoAsync($"mv -f {AdbShell.Quote(part)} {AdbShell.Quote(file.Text)}", ct);
        }
        catch
        {
            await RemoveAsync(phone, part, clock);
            throw;
        }
    }

    static async Task RemoveAsync(AdbPhone phone, string part, TimeProvider clock)
    {
        using var limit = new CancellationTokenSource(CleanLimit, clock);
        try
        {
            await phone.RunAsync($"rm -f {AdbShell.Quote(part)}", limit.Token);
        }
        catch (Exception e) when (e is AdbException or OperationCanceledException)
        {
            // it stays until the user removes it
        }
    }
}
