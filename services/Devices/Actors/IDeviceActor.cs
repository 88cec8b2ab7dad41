using System.Diagnostics;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using Dapr.Actors;

namespace CloudPhone.Devices.Actors;

/// <summary>One phone's commands, one at a time. Arguments and answers travel as JSON.</summary>
public interface IDeviceActor : IActor
{
    /// <summary>Goes on with a creation whose row is written, as far as it goes without waiting for the boot.</summary>
    Task<CommandAnswer> Create(ActorCall call);

    /// <summary>Changes the state and leaves what follows to <see cref="Resume"/>; a deletion is done at once where it
    /// can be.</summary>
    Task<CommandAnswer> Command(DeviceCommand command);

    /// <summary>Does what the state asks for.</summary>
    Task<CommandAnswer> Resume(ActorCall call);

    /// <summary>Switches it off and keeps it so, for its data to be copied.</summary>
    Task<CommandAnswer> Hold(HoldCall call);

    /// <summary>Ends that, and switches it on again where it was on.</summary>
    Task<CommandAnswer> Release(HoldCall call);
}

/// <summary>Actors are called without headers of their caller's: request id and trace come with the call.</summary>
/// <param name="Request">Null: the call resumes what the device's row says.</param>
public sealed record ActorCall(CallingRequest? Request);

public sealed record CallingRequest(string? RequestId, string? TraceParent)
{
    public static CallingRequest Current => new(Shared.Hosting.RequestId.Current, Activity.Current?.Id);
}

/// <param name="ItemId">Of the operation that copies.</param>
public sealed record HoldCall(CallingRequest? Request, Guid ItemId);

/// <param name="Reason">Why it is stopped.</param>
/// <param name="Asked">The operation that it is done for, once however often it is given; null: for none.</param>
public sealed record DeviceCommand(
    CallingRequest? Request, Trigger Trigger, string? Reason, AskedFor? Asked = null);

/// <param name="Outcome"><c>done</c>, <c>not-found</c>, <c>not-allowed</c>, or <c>held</c> while its data are
/// copied.</param>
/// <param name="Status">The state that did not allow it.</param>
public sealed record CommandAnswer(string Outcome, DeviceStatus? Status = null)
{
    public static readonly CommandAnswer Done = new("done");
    public static readonly CommandAnswer NotFound = new("not-found");
    public static readonly CommandAnswer Held = new("held");
    public static CommandAnswer NotAllowed(DeviceStatus status) => new("not-allowed", status);
}
