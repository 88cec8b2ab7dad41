using CloudPhone.Adb;

namespace CloudPhone.Scrcpy;

/// <summary>Why a phone's screen can't be had, or not any more.</summary>
enum ScrcpyFault
{
    /// <summary>The phone's adbd can't be reached, does not answer, or its connection broke.</summary>
    Unreachable,
    /// <summary>The phone's server, or the phone, did not answer in time.</summary>
    TimedOut,
    /// <summary>The phone's server does not do what it was asked for; the message has its words.</summary>
    Refused,
    /// <summary>What came is not what scrcpy's pinned version sends.</summary>
    Protocol,
    /// <summary>The phone's server has ended.</summary>
    Ended,
    /// <summary>The session was closed on this side.</summary>
    Closed,
}

/// <summary>All that can go wrong with a phone's screen; the message can be shown to users.</summary>
sealed class ScrcpyException(ScrcpyFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public ScrcpyFault Fault => fault;

    public static ScrcpyException Protocol(string what) =>
        new(ScrcpyFault.Protocol, $"The phone's screen does not speak scrcpy {ScrcpyServer.Version}: {what}.");

    public static ScrcpyException Of(AdbException e) => new(e.Fault switch
    {
        AdbFault.TimedOut => ScrcpyFault.TimedOut,
        AdbFault.Refused or AdbFault.Closed => ScrcpyFault.Refused,
        _ => ScrcpyFault.Unreachable,
    }, e.Message, e);

    /// <summary>The same for another caller: one object thrown twice would mix up their traces.</summary>
    public ScrcpyException Again() => new(fault, Message, this);
}
