using System.Diagnostics;
using System.Globalization;

namespace CloudPhone.PhoneSimulator.Control;

/// <summary>/faults: what is to be wrong with the phone.</summary>
static class FaultRoutes
{
    /// <summary>With the value 1 the fault outlives the process; otherwise it ends with it.</summary>
    public const string StaysHeader = "X-Fault-Stays";

    /// <param name="path">What stands behind /faults/: a name, and milliseconds where it is slow.</param>
    public static ControlAnswer Answer(Phone phone, ControlRequest request, string method, string[] path)
    {
        var milliseconds = 0;
        switch (method, path)
        {
            case ("GET", []):
                return List(phone);
            case ("POST", [Faults.Slow, var ms]) when
                int.TryParse(ms, NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds)
                && milliseconds is > 0 and <= Faults.MaxMilliseconds:
            case ("POST", [Faults.Hang or Faults.AdbDead or Faults.NoBoot or Faults.Crash]):
                // that it never boots is about its starts
                phone.SetFault(path[0], milliseconds, request[StaysHeader] == "1" || path[0] == Faults.NoBoot);
                return List(phone) with { Then = path[0] == Faults.Crash ? Crash : null };
            case ("DELETE", [var name]) when Faults.IsKnown(name):
                return phone.ClearFault(name) ? List(phone) : ControlRoutes.Error(404, "That fault is not on.");
            default:
                return ControlRoutes.Error(404,
                    $"Faults are hang, adb-dead, no-boot, crash and slow/MS, of 1 to {Faults.MaxMilliseconds} ms.");
        }
    }

    /// <summary>The end of a process that had no time for anything.</summary>
    public static void Crash()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    static ControlAnswer List(Phone phone) =>
        ControlRoutes.Ok(new FaultList(new Dictionary<string, int>(phone.Faults.On)), PhoneJson.Default.FaultList);
}
