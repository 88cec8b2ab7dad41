using CloudPhone.Shared.Hosting;

namespace CloudPhone.Media.Recordings;

/// <param name="Folder">Where the films are; with several replicas, a folder that all of them share. Null: there are
/// none.</param>
/// <param name="PerUser">Kept at once, those that record included.</param>
/// <param name="MaxBytes">Of one.</param>
/// <param name="MaxBytesPerUser">Of all that a user keeps.</param>
/// <param name="Kept">For so long, from their ends on.</param>
/// <param name="Spared">Bytes of the folder's disk that recordings leave free: databases may be on it.</param>
sealed record RecordingOptions(
    string? Folder, int PerUser, long MaxBytes, long MaxBytesPerUser, TimeSpan MaxTime, TimeSpan Kept, long Spared)
{
    const long Megabyte = 1 << 20;

    /// <exception cref="SettingException">One of them is missing or wrong.</exception>
    public static RecordingOptions From(IConfiguration configuration)
    {
        var data = configuration["CLOUDPHONE_DATA"] is { Length: > 0 } d ? Path.Combine(d, "recordings") : null;
        var folder = configuration["MEDIA_RECORDINGS"] is { Length: > 0 } f ? f : data;
        try
        {
            if (folder is not null)
                folder = Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"Set MEDIA_RECORDINGS to a folder that can be written: {e.Message}");
        }
        return new(folder, configuration.Number("MEDIA_RECORDINGS_PER_USER", 100, 0, 100_000),
            configuration.Number("MEDIA_RECORDING_MEGABYTES", 1024, 1, 1 << 20) * Megabyte,
            configuration.Number("MEDIA_RECORDINGS_MEGABYTES_PER_USER", 5120, 1, 1 << 20) * Megabyte,
            TimeSpan.FromSeconds(configuration.Number("MEDIA_RECORDING_SECONDS", 3600, 1, 86_400)),
            TimeSpan.FromDays(configuration.Number("MEDIA_RECORDING_DAYS", 30, 1, 3650)),
            configuration.Number("MEDIA_RECORDING_SPARED_MEGABYTES", 1024, 0, 1 << 30) * Megabyte);
    }

    /// <summary>The disk has more than is spared.</summary>
    /// <exception cref="IOException">It does not answer.</exception>
    public bool HasRoom => Folder is null || new DriveInfo(Folder).AvailableFreeSpace > Spared;

    public string PathOf(Guid id) => Path.Combine(Folder ?? "", $"{id:N}.mp4");
}
