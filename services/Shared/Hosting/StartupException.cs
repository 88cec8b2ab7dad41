namespace CloudPhone.Shared.Hosting;

/// <summary>
/// Something that the service can't start without is not there. The message is one sentence that says what to do; the
/// process ends with it and exit code 1.
/// </summary>
public sealed class StartupException(string message) : Exception(message);
