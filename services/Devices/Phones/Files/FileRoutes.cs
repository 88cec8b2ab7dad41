using CloudPhone.Adb.Shell;
using CloudPhone.Adb.Sync;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Files;

/// <param name="NextAfter">What to ask the next page with, as <c>after</c>; null on the last one.</param>
sealed record FileList(IReadOnlyList<FileView> Items, string? NextAfter);

static class FileRoutes
{
    const int DefaultPage = 100;
    const int MaxPage = 1000;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    public static void MapFiles(this RouteGroupBuilder phone, DeviceOptions options)
    {
        phone.MapGet("/files", List).WithName("ListDeviceFiles").WithSummary("What is in a folder, by name.")
            .ProducesProblem(400);
        phone.MapDelete("/files", Delete).WithName("DeleteDeviceFile")
            .WithSummary("Removes a file or a folder, which has to be empty unless recursive is true.")
            .ProducesProblem(400);
        phone.MapDownload();
        phone.MapUpload(options);
    }

    /// <param name="path">Below /sdcard or /data/local/tmp.</param>
    /// <param name="count">How many at most, 1 to 1000; 100 unless given.</param>
    /// <param name="after">The name after which the page begins.</param>
    static async Task<Results<Ok<FileList>, ProblemHttpResult>> List(
        Guid id, string? path, int? count, string? after, CurrentUser user, PhoneCalls calls, CancellationToken ct)
    {
        var most = count ?? DefaultPage;
        var wrong = most is >= 1 and <= MaxPage ? null
            : Problems.BadRequest("bad-request", $"count is a whole number from 1 to {MaxPage}.");
        return await calls.CallAsync<Ok<FileList>>(id, path, user, wrong, PhoneCalls.ShortLimit,
            async (call, asked, end) =>
        {
            if (await asked.RealAsync(call.Phone, end) is not { } folder)
                return Problems.NotFound("folder");
            await using var sync = await AdbSync.OpenAsync(call.Phone, end);
            if (await sync.StatAsync(folder.Text, end) is not { } there)
                return Problems.NotFound("folder");
            if (!there.IsFolder)
                return Problems.Conflict("not-a-folder", "This is no folder.");
            var page = await PageAsync(sync.ListAsync(folder.Text, end), most, after ?? "");
            return TypedResults.Ok(new FileList(
                [.. page.Take(most).Select(FileView.Of)], page.Count > most ? page[most - 1].Name : null));
        }, ct);
    }

    /// <summary>The first by name, and one more where there is one; of a folder of any size no more is held.</summary>
    static async Task<List<PhoneFile>> PageAsync(IAsyncEnumerable<PhoneFile> files, int count, string after)
    {
        var page = new SortedList<string, PhoneFile>(StringComparer.Ordinal);
        await foreach (var file in files)
            if (string.CompareOrdinal(file.Name, after) > 0 && page.TryAdd(file.Name, file) && page.Count > count + 1)
                page.RemoveAt(count + 1);
        return [.. page.Values];
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, string? path, bool? recursive, CurrentUser user, PhoneCalls calls, CancellationToken ct) =>
        await calls.CallAsync<NoContent>(id, path, user, null, Limit, async (call, asked, end) =>
        {
            if (asked.IsRoot)
                return Problems.BadRequest("bad-path", "This folder stays.");
            // of a link the link itself goes, wherever it leads
            if (await asked.InRealFolderAsync(call.Phone, end) is not { } file || await StatAsync(call, file, end) is
                not { } there)
                return Problems.NotFound("file");
            await call.RecordAsync(Acts.FileDeleted, asked.Text, end);
            var how = !there.IsFolder ? "rm" : recursive == true ? "rm -r" : "rmdir";
            await call.Phone.DoAsync($"{how} {AdbShell.Quote(file.Text)}", end);
            return TypedResults.NoContent();
        }, ct);

    static async Task<PhoneFile?> StatAsync(PhoneCall call, PhonePath path, CancellationToken ct)
    {
        await using var sync = await AdbSync.OpenAsync(call.Phone, ct);
        return await sync.StatAsync(path.Text, ct);
    }
}
