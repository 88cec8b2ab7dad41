using CloudPhone.Adb.Sync;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Files;

/// <param name="Type"><c>file</c>, <c>folder</c>, <c>link</c> or <c>other</c>.</param>
/// <param name="Size">Bytes.</param>
sealed record FileView(string Name, string Type, long Size, DateTimeOffset ModifiedAt)
{
    public static FileView Of(PhoneFile f) => new(
        f.Name, f.IsRegular ? "file" : f.IsFolder ? "folder" : f.IsLink ? "link" : "other", f.Size, f.ModifiedAt);
}

static class FileCalls
{
    /// <summary>A call about one path, which is looked at before anything goes to the phone.</summary>
    public static async Task<Results<T, ProblemHttpResult>> CallAsync<T>(
        this PhoneCalls calls, Guid id, string? path, CurrentUser user, ProblemHttpResult? wrong, TimeSpan limit,
        Func<PhoneCall, PhonePath, CancellationToken, Task<Results<T, ProblemHttpResult>>> call, CancellationToken ct)
        where T : IResult
    {
        var parsed = PhonePath.Parse(path, out var why);
        if (parsed is null)
            wrong ??= Problems.BadRequest("bad-path", why);
        try
        {
            return await calls.CallAsync<T>(id, user, wrong, limit, (c, end) => call(c, parsed!, end), ct);
        }
        catch (PathLeavesException e)
        {
            return Problems.BadRequest("bad-path", e.Message);
        }
    }
}
