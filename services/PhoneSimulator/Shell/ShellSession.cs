using System.Text;

namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>One shell over ADB: one line that the client named, or what it types until it leaves.</summary>
static class ShellSession
{
    const int MaxLine = 64 << 10;

    /// <param name="how">What the client asked for, as <c>v2</c>, <c>raw</c>, <c>TERM=xterm</c>.</param>
    /// <param name="command">Empty: an interactive shell.</param>
    public static async Task RunAsync(
        Phone phone, Stream stream, IReadOnlyList<string> how, string command, CancellationToken closed)
    {
        var state = new ShellState { Pid = phone.Processes.StartShell() };
        try
        {
            await RunAsync(phone, state, stream, how, command, closed);
        }
        finally
        {
            phone.Processes.Ended(state.Pid);
        }
    }

    static async Task RunAsync(
        Phone phone, ShellState state, Stream stream, IReadOnlyList<string> how, string command,
        CancellationToken closed)
    {
        var hasPackets = how.Contains("v2");
        using var turn = new SemaphoreSlim(1, 1);
        var io = hasPackets
            ? new ShellContext(phone, state, new ShellInput(stream), new ShellOutput(stream, ShellPackets.Out, turn),
                new ShellOutput(stream, ShellPackets.Error, turn), closed)
            : new ShellContext(phone, state, stream, stream, stream, closed);
        var isTyped = command.Length == 0 && !how.Contains("raw");
        var shell = isTyped ? io with { In = new Terminal(io.In, io.Out) } : io;
        if (command.Length > 0)
            await ShellRunner.RunAsync(shell, command);
        else
            await RunLinesAsync(shell, isTyped);
        if (hasPackets)
            await stream.WriteAsync(ShellPackets.Make(ShellPackets.Exit, [(byte)shell.State.LastCode]), closed);
    }

    static async Task RunLinesAsync(ShellContext shell, bool prompts)
    {
        while (!shell.State.HasExited)
        {
            if (prompts)
                await shell.Out.WriteAsync(Encoding.UTF8.GetBytes($"simulator:{shell.State.Directory} $ "),
                    shell.Closed);
            if (await ReadLineAsync(shell) is not { } line)
                return;
            await ShellRunner.RunAsync(shell, line);
        }
    }

    /// <returns>Null at the end.</returns>
    static async Task<string?> ReadLineAsync(ShellContext shell)
    {
        // byte by byte: what follows the line is for the command that it names
        var bytes = new List<byte>();
        var one = new byte[1];
        while (await shell.In.ReadAsync(one, shell.Closed) == 1)
        {
            if (one[0] == '\n')
                return Encoding.UTF8.GetString([.. bytes]);
            if (bytes.Count == MaxLine)
                throw new InvalidDataException();
            bytes.Add(one[0]);
        }
        return bytes.Count > 0 ? Encoding.UTF8.GetString([.. bytes]) : null;
    }
}
