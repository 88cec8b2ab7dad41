namespace CloudPhone.Contracts;

/// <summary>
/// A fact that one service publishes and others handle. Its JSON (camelCase, nulls left out) is the <c>data</c> of a
/// CloudEvent whose type and routing key are <see cref="EventName"/>. Once published a record only grows by optional
/// fields, which are parameters with a default at its end.
/// </summary>
public interface IEvent
{
    /// <summary>The name on the wire, like <c>device.created</c>.</summary>
    static abstract string EventName { get; }
}
