using System.Net;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>One request for a phone and its answer.</summary>
/// <param name="Status">Null: there was no answer.</param>
/// <param name="DeviceId">Of a phone that was promised.</param>
/// <param name="IsRefused">The answer says that there is no phone, and there will be none.</param>
/// <param name="Reason">What the problem says, or why there was no answer. Null: a phone was promised.</param>
public sealed record Creation(
    PlatformUser User, string Name, HttpStatusCode? Status, Guid? DeviceId, bool IsRefused, string? Reason,
    TimeSpan Took);
