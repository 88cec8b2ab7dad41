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
            var q = Q.ToLowerInvariant();
#pragma warning disable CA1862 // what is told to the database knows no StringComparison
            devices = devices.Where(d => d.Name.ToLower().Contains(q) || d.Tags.Contains(q));
#pragma warning restore CA1862
        }
        if (Status is { Length: > 0 } && StatusOf(Status) is { } status)
            devices = devices.Where(d => d.Status == status);
        return devices;
    }

    static DeviceStatus? StatusOf(string word) =>
        !char.IsAsciiDigit(word[0]) && word[0] != '-' && Enum.TryParse<DeviceStatus>(word, ignoreCase: true, out var s)
            ? s : null;
}
