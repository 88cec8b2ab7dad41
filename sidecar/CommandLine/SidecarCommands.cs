using System.CommandLine;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner;

namespace CloudPhone.Sidecar.CommandLine;

/// <summary>
/// The program's commands; what its user did wrong is one sentence on the error stream and an exit code.
/// </summary>
static class SidecarCommands
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            "The embedded Dapr sidecar. Without a command it runs the platform in its embedded default.");
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(DaprdCommand.Create());
        var parsed = root.Parse(args.Length == 0 ? ["run"] : LongDashes(args));
        if (parsed.UnmatchedTokens is [var unknown, ..])
            return Fail($"'{unknown}' is unknown; --help says what there is.");
        if (parsed.Errors.Count > 0)
            return Fail(parsed.Errors[0].Message);
        try
        {
            return await parsed.InvokeAsync(
                new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (ConfigurationException e)
        {
            return Fail(e.Message);
        }
    }

    /// <summary>daprd takes its flags with one dash as well.</summary>
    static string[] LongDashes(string[] args) => args is not ["daprd", ..] ? args
        : [.. args.Select(a => a.Length > 2 && a[0] == '-' && char.IsAsciiLetterLower(a[1]) ? "-" + a : a)];

    static int Fail(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return 1;
    }
}
