using CloudPhone.Devices.Lifecycle;
using Microsoft.AspNetCore.Mvc;

namespace CloudPhone.Devices.Api;

/// <summary>Which phones of a list are wanted; what is not given filters nothing.</summary>
/// <param name="Tag">One of theirs.</param>
/// <param name="Q">Part of the name or of a tag, in large or small letters.</param>
/// <param name="Status">A state, like <c>running</c>.</param>
readonly record struct DeviceFilter(
    [FromQuery] string? Tag, [FromQuery] string? Q, [FromQuery] string? Status)
{
    const int MaxText = 100;

    /// <returns>What is wrong with it; null: nothing.</returns>
    public string? Check() =>
        Tag is { Length: > 0 } && !Tags.IsRight(Tag) ? "tag is one tag of a phone."
        : Q?.Length > MaxText ? $"q has at most {MaxText} characters."
        : Status is { Length: > 0 } && StatusOf(Status) is null
            ? $"status is one of {string.Join(", ", Enum.GetNames<DeviceStatus>()).ToLowerInvariant()}."
        : null;

    public IQueryable<Device> Of(IQueryable<Device> devices)
    {
        if (Tag is { Length: > 0 })
        {
            var tag = Tags.Join([Tag]);
            devices = devices.Where(d => d.Tags.Contains(tag));
        }
        if (Q is { Length: > 0 })
        {
            var q = Device.SearchNameOf(Q);
            devices = devices.Where(d => d.SearchName.Contains(q) || d.Tags.Contains(q));
        }
        if (Status is { Length: > 0 } && StatusOf(Status) is { } status)
            devices = devices.Where(d => d.Status == status);
        return devices;
    }

    /// <summary>Exactly these: the parser of enumerations takes numbers, lists and spaces, too.</summary>
    static readonly Dictionary<string, DeviceStatus> States =
        Enum.GetValues<DeviceStatus>().ToDictionary(s => $"{s}", StringComparer.OrdinalIgnoreCase);

    static DeviceStatus? StatusOf(string word) => States.TryGetValue(word, out var s) ? s : null;
}
