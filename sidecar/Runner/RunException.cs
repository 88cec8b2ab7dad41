namespace CloudPhone.Sidecar.Runner;

/// <summary>The run can't go on; the message is one sentence for its user.</summary>
sealed class RunException(string message) : Exception(message);
