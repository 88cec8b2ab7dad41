namespace CloudPhone.Sidecar.PubSub;

/// <summary>The broker does not do what it was asked to; the message says why and what to do, so no stack is
/// needed.</summary>
sealed class BrokerException(string message, Exception? inner = null) : Exception(message, inner);
