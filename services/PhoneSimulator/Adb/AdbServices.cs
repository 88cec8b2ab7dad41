using System.Text;
using CloudPhone.PhoneSimulator.Adb.Sync;
using CloudPhone.PhoneSimulator.Shell;

namespace CloudPhone.PhoneSimulator.Adb;

/// <summary>What a peer may open, by name.</summary>
sealed class AdbServices(Phone phone)
{
    /// <summary>Only what is really spoken: clients go by it.</summary>
    const string Features = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir";
    static readonly UTF8Encoding Utf8 = new(false);

    public string Banner =>
        $"device::ro.product.name={phone.Properties["ro.product.name"]};"
        + $"ro.product.model={phone.Properties["ro.product.model"]};"
        + $"ro.product.device={phone.Properties["ro.product.device"]};features={Features}";

    /// <returns>Null where there is no such service.</returns>
    public AdbService? Find(string name)
    {
        phone.Called();
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return null;
        var rest = name[(colon + 1)..];
        return name[..colon].Split(',') switch
        {
            ["shell", .. var how] => (stream, closed) => ShellSession.RunAsync(phone, stream, how, rest, closed),
            ["exec"] => (stream, closed) => ShellSession.RunAsync(phone, stream, [], rest, closed),
            ["sync"] => (stream, closed) => new SyncService(phone.Disk, stream).RunAsync(closed),
            ["localabstract"] => phone.Sockets.Find(rest),
            ["reboot"] => (_, _) => RebootAsync(),
            ["root"] => Say("adbd cannot run as root in production builds\n"),
            ["unroot"] => Say("adbd not running as root\n"),
            ["remount"] => Say("remount failed\n"),
            _ => null,
        };
    }

    public void Failed(Exception e) => phone.Folder.Log($"{e}");

    Task RebootAsync()
    {
        phone.Reboot();
        return Task.CompletedTask;
    }

    static AdbService Say(string text) => async (stream, closed) =>
        await stream.WriteAsync(Utf8.GetBytes(text), closed);
}
