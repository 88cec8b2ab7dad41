using System.Net;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>One request for a phone and its answer.</summary>
/// <param name="Status">Null: there was no answer.</param>
/// <param name="DeviceId">Of a phone that was promised.</param>
public sealed record Creation(PlatformUser User, string Name, HttpStatusCode? Status, Guid? DeviceId, TimeSpan Took);
