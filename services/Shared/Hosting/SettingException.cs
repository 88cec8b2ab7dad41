namespace CloudPhone.Shared.Hosting;

/// <summary>
/// A setting is missing or wrong. The message is one sentence that says what to set; the process ends with it and exit
/// code 2.
/// </summary>
public sealed class SettingException(string message) : Exception(message);
