namespace CloudPhone.Adb;

/// <summary>Why a call over ADB came to nothing.</summary>
enum AdbFault
{
    /// <summary>Nobody takes connections there.</summary>
    Unreachable,
    /// <summary>There was no answer in time.</summary>
    TimedOut,
    /// <summary>The connection ended in the middle.</summary>
    Broken,
    /// <summary>The peer breaks the protocol, or is not the phone that was meant.</summary>
    Protocol,
    /// <summary>The image wants keys or TLS, which it must not.</summary>
    Locked,
    /// <summary>The phone closed the stream before it had taken everything.</summary>
    Closed,
    /// <summary>The phone answered that it can't or won't; the message is its own.</summary>
    Refused,
}

/// <summary>All that can go wrong between this service and a phone's adbd; the message can be shown to users.</summary>
sealed class AdbException(AdbFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public AdbFault Fault => fault;

    public static AdbException Protocol(string what) =>
        new(AdbFault.Protocol, $"The phone does not speak ADB as it should: {what}.");

    /// <summary>It was there a moment ago.</summary>
    public static AdbException Gone() => new(AdbFault.Broken, "The connection to the phone broke.");

    /// <summary>The same for another caller: one object thrown twice would mix up their traces.</summary>
    public AdbException Again() => new(fault, Message, this);
}
