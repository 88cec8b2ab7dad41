using System.Globalization;
using System.Text.RegularExpressions;
using CloudPhone.Adb;
using CloudPhone.Adb.Shell;

namespace CloudPhone.Devices.Phones.Screen;

/// <summary>In pixels, as the screen is turned now.</summary>
readonly partial record struct ScreenSize(int Width, int Height)
{
    /// <exception cref="AdbException">The phone did not tell.</exception>
    public static async Task<ScreenSize> OfAsync(AdbPhone phone, CancellationToken ct)
    {
        var size = Current().Match(await phone.DoAsync("dumpsys window displays | grep cur=", ct));
        return size.Success ? new(Number(size.Groups["w"]), Number(size.Groups["h"]))
            : throw new AdbException(AdbFault.Refused, "The phone did not tell the size of its screen.");
    }

    public bool Has(int x, int y) => x >= 0 && x < Width && y >= 0 && y < Height;

    static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\bcur=(?<w>\d{1,5})x(?<h>\d{1,5})\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Current();
}
