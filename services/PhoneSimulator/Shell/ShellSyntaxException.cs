namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>The line is none that this shell reads; the message is its own words.</summary>
sealed class ShellSyntaxException(string what) : Exception($"sh: syntax error: unexpected '{what}'");
