using CloudPhone.Apps.Catalogue;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Apps;

/// <param name="SpoolFolder">Where uploads are until they are whole; of this process alone, on a disk.</param>
/// <param name="MaxBytes">Size of the largest APK that is taken.</param>
/// <param name="NeedsReview">Whether an upload waits for another operator.</param>
/// <param name="SeedSample">Whether the sample app comes into an empty catalogue.</param>
sealed record AppOptions(string SpoolFolder, long MaxBytes, bool NeedsReview, bool SeedSample)
{
    /// <summary>Of an upload.</summary>
    public ReviewStatus FirstStatus => NeedsReview ? ReviewStatus.PendingReview : ReviewStatus.Approved;

    const int DefaultMaxBytes = 500 << 20;

    /// <exception cref="SettingException">One of them is missing or wrong.</exception>
    public static AppOptions From(IConfiguration configuration)
    {
        var data = configuration["CLOUDPHONE_DATA"] is { Length: > 0 } d ? d : Path.Combine(
            Path.GetTempPath(), "cloudphone");
        var folder = configuration["APP_UPLOADS"] is { Length: > 0 } f ? f : Path.Combine(data, "uploads");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"Set APP_UPLOADS to a folder that can be written: {e.Message}");
        }
        return new(
            Path.GetFullPath(folder), configuration.Number("APP_MAX_BYTES", DefaultMaxBytes, 1024, int.MaxValue),
            configuration.Flag("APP_REVIEW", false), configuration.Flag("APP_SEED_SAMPLE", false));
    }
}
