using System.Text;

namespace CloudPhone.Adb;

/// <summary>How both sides introduce themselves: <c>device::name=value;features=a,b</c>.</summary>
static class AdbBanner
{
    /// <summary>Only what is spoken here.</summary>
    public static readonly byte[] Own = "host::features=shell_v2,cmd,stat_v2,ls_v2"u8.ToArray();

    /// <returns>What the phone says that it can.</returns>
    /// <exception cref="AdbException">It is no phone that can be used.</exception>
    public static HashSet<string> Features(ReadOnlySpan<byte> payload)
    {
        var text = Encoding.UTF8.GetString(payload).TrimEnd('\0');
        if (!text.StartsWith("device:", StringComparison.Ordinal))
            throw new AdbException(AdbFault.Refused, "The phone's adbd is not that of a running Android.");
        var features = text.Split(';').Select(p => p.Split("features=")).FirstOrDefault(p => p.Length == 2);
        return features is null ? [] : [.. features[1].Split(',')];
    }
}
