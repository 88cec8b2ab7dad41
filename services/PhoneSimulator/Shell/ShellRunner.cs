using System.IO.Pipelines;
using CloudPhone.PhoneSimulator.Disk;
using CloudPhone.PhoneSimulator.Shell.Commands;

namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>Runs lines: words, quotes, variables, <c>; &amp;&amp; ||</c>, pipes and redirections. It is no
/// programming language.</summary>
static class ShellRunner
{
    /// <summary>Of commands that run others, each of which takes some of the thread's stack.</summary>
    const int MaxDepth = 32;

    /// <returns>The exit code of what ran last.</returns>
    public static async Task<int> RunAsync(ShellContext shell, string text)
    {
        List<ShellPipeline> pipelines;
        try
        {
            pipelines = ShellScript.Parse(text);
        }
        catch (ShellSyntaxException e)
        {
            return shell.State.LastCode = await shell.FailAsync(e.Message);
        }
        foreach (var pipeline in pipelines)
        {
            if (shell.State.HasExited)
                break;
            if (pipeline.After == "&&" && shell.State.LastCode != 0
                || pipeline.After == "||" && shell.State.LastCode == 0)
                continue;
            shell.State.LastCode = await RunAsync(shell, pipeline.Commands);
        }
        return shell.State.LastCode;
    }

    static async Task<int> RunAsync(ShellContext shell, List<ShellCommand> commands)
    {
        if (commands is [var only])
            return await RunAsync(shell, only);
        // when the last one has ended nobody reads what the others write
        using var end = CancellationTokenSource.CreateLinkedTokenSource(shell.Closed);
        var input = shell.In;
        var others = new List<Task>();
        foreach (var command in commands[..^1])
        {
            var pipe = new Pipe();
            others.Add(FeedAsync(shell with { In = input, Out = pipe.Writer.AsStream(), Closed = end.Token }, command));
            input = pipe.Reader.AsStream();
        }
        var code = await RunAsync(shell with { In = input }, commands[^1]);
        await end.CancelAsync();
        await Task.WhenAll(others);
        return code;
    }

    static async Task FeedAsync(ShellContext shell, ShellCommand command)
    {
        await Task.Yield();
        try
        {
            await RunAsync(shell, command);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // its reader or the whole shell has ended
        }
        finally
        {
            await shell.Out.DisposeAsync();
        }
    }

    static async Task<int> RunAsync(ShellContext shell, ShellCommand command)
    {
        await using var redirected = new ShellRedirects();
        try
        {
            var io = redirected.Apply(shell, command.Redirects);
            var words = ShellExpansion.Expand(command.Words, shell.State);
            var code = await RunAsync(io, words);
            await redirected.KeepAsync();
            return code;
        }
        catch (ShellSyntaxException e)
        {
            return await shell.FailAsync(e.Message);
        }
        catch (DiskException e)
        {
            return await shell.FailAsync($"sh: {e.Message}");
        }
    }

    /// <param name="words">Expanded.</param>
    public static async Task<int> RunAsync(ShellContext shell, List<string> words)
    {
        var variables = words.TakeWhile(IsAssignment).ToList();
        shell.State.Assign(variables);
        if (words.Count == variables.Count)
            return 0;
        var name = words[variables.Count];
        var args = words[(variables.Count + 1)..].ToArray();
        if (shell.Depth == MaxDepth)
            return await shell.FailAsync("sh: too many commands within each other", 126);
        return CommandTable.Find(name) is { } command ? await command(shell with { Depth = shell.Depth + 1 }, args)
            : await shell.FailAsync($"/system/bin/sh: {name}: inaccessible or not found", 127);
    }

    static bool IsAssignment(string word) =>
        word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
        && !char.IsAsciiDigit(word[0])
        && word[..equals].All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
