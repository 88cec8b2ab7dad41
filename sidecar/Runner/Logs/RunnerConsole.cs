namespace CloudPhone.Sidecar.Runner.Logs;

/// <summary>What the runner's user sees: its own lines, and those of the apps behind their names.</summary>
sealed class RunnerConsole(TextWriter output, TextWriter error, bool colour)
{
    static readonly int[] Palette = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];
    readonly Lock _lock = new();

    public static RunnerConsole ForThisProcess() => new(
        Console.Out, Console.Error,
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    public void Say(string text) => Write(output, text);

    public void Complain(string text) => Write(error, text);

    /// <param name="index">Which app, for its colour.</param>
    public void AppLine(string appId, int index, int width, string line) => Write(output, colour
        ? $"\e[{Palette[index % Palette.Length]}m{appId.PadRight(width)} |\e[0m {line}"
        : $"{appId.PadRight(width)} | {line}");

    void Write(TextWriter to, string text)
    {
        lock (_lock)
            try
            {
                to.WriteLine(text);
            }
            catch (IOException)
            {
                // The terminal is gone; the apps go on until a signal comes.
            }
    }
}
