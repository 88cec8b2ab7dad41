using System.Globalization;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>Bytes as toybox tells them to people: at most three digits and a letter, by 1024.</summary>
static class Human
{
    const string Units = " KMGTPE";

    public static string Of(long bytes)
    {
        var (whole, before, unit) = (bytes, bytes, 0);
        for (; whole > 999; unit++)
            (before, whole) = (whole, (whole + 512) / 1024);
        if (unit == 0)
            return whole.ToString(CultureInfo.InvariantCulture);
        var tenths = before % 1024 * 10 / 1024;
        return whole > 9 ? $"{whole}{Units[unit]}" : $"{before / 1024}.{tenths}{Units[unit]}";
    }
}
