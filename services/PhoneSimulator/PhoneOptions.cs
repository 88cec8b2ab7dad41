using System.Globalization;

namespace CloudPhone.PhoneSimulator;

/// <summary>What a phone is started with.</summary>
/// <param name="Folder">Its data, made by whoever creates phones, with <c>phone.json</c> in it.</param>
/// <param name="BootTime">How long it takes until Android is up.</param>
/// <param name="RunnerPid">The process whose end is the end of the platform; null: the phone waits for calls
/// instead.</param>
/// <param name="DiskBytes">How much its users can store.</param>
/// <param name="Container">Null: a process beside others on a host.</param>
sealed record PhoneOptions(
    string Folder, TimeSpan BootTime, int? RunnerPid, long DiskBytes, (int Width, int Height) Screen,
    ContainerMode? Container = null)
{
    /// <summary>Pixels to the inch.</summary>
    public int Dpi { get; init; } = 320;

    /// <summary>The version that it says it is.</summary>
    public int Android { get; init; } = 13;

    /// <exception cref="PhoneException">An argument or a variable is wrong.</exception>
    public static PhoneOptions Read(string[] args, Func<string, string?> variable)
    {
        var (folder, container, screen, dpi) = args switch
        {
            ["--folder", { Length: > 0 } given] => (given, null, null, null),
            [ContainerMode.Argument, .. var boot] =>
                (ContainerMode.Folder, ContainerMode.Read(variable), ContainerMode.Screen(boot),
                    ContainerMode.Dpi(boot)),
            _ => throw new PhoneException("Start it with --folder and the folder of one phone."),
        };
        return new(folder, TimeSpan.FromSeconds(BootSeconds(variable("PHONE_BOOT_SECONDS"))),
            Pid(variable("CLOUDPHONE_RUNNER_PID")), DiskMegabytes(variable("PHONE_DISK_MB")) << 20,
            Size(screen ?? variable("PHONE_SCREEN")), container)
        {
            Dpi = Number("PHONE_DPI", dpi ?? variable("PHONE_DPI"), 320, 72, 960),
            Android = Number("PHONE_ANDROID", variable("PHONE_ANDROID"), 13, 8, 20),
        };
    }

    static double BootSeconds(string? value) =>
        value is null or "" ? 2
        : double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var s) && s <= 600
            ? s
        : throw new PhoneException($"Set PHONE_BOOT_SECONDS to seconds from 0 to 600, not '{value}'.");

    static int? Pid(string? value) =>
        value is null or "" ? null
        : int.TryParse(value, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid
        : throw new PhoneException($"Set CLOUDPHONE_RUNNER_PID to the id of a process, not '{value}'.");

    static long DiskMegabytes(string? value) =>
        value is null or "" ? 4096
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var mb) && mb is > 0 and <= 1 << 20
            ? mb
        : throw new PhoneException($"Set PHONE_DISK_MB to megabytes from 1 to {1 << 20}, not '{value}'.");

    static int Number(string name, string? value, int usual, int least, int most) =>
        value is null or "" ? usual
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most ? n
        : throw new PhoneException($"Set {name} to a whole number from {least} to {most}, not '{value}'.");

    /// <summary>Even numbers, as video needs them.</summary>
    static (int Width, int Height) Size(string? value) =>
        value is null or "" ? (720, 1280)
        : value.Split('x') is [var w, var h] && Pixels(w) is { } width && Pixels(h) is { } height ? (width, height)
        : throw new PhoneException($"Set PHONE_SCREEN to even numbers from 160 to 4096 like 720x1280, not '{value}'.");

    static int? Pixels(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && n is >= 160 and <= 4096 && n % 2 == 0 ? n : null;
}
