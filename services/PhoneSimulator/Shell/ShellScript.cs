namespace CloudPhone.PhoneSimulator.Shell;

/// <param name="Words">Not yet expanded.</param>
/// <param name="Redirects">Operators with their files, empty where they have none.</param>
sealed record ShellCommand(List<string> Words, List<(string Operator, string File)> Redirects);

/// <param name="After">The operator before it: <c>;</c>, <c>&amp;&amp;</c> or <c>||</c>.</param>
sealed record ShellPipeline(string After, List<ShellCommand> Commands);

/// <summary>What a line says to do.</summary>
static class ShellScript
{
    const int MaxCommands = 16;

    /// <exception cref="ShellSyntaxException">It says nothing sensible.</exception>
    public static List<ShellPipeline> Parse(string text)
    {
        var pipelines = new List<ShellPipeline>();
        var pipeline = new ShellPipeline(";", []);
        var command = new ShellCommand([], []);
        var tokens = ShellLexer.Read(text);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            switch (token)
            {
                case { IsOperator: false }:
                    command.Words.Add(token.Text);
                    break;
                case { Text: "2>&1" or "1>&2" or ">&2" }:
                    command.Redirects.Add((token.Text, ""));
                    break;
                case { Text: "|" }:
                    AddCommand(token.Text);
                    break;
                case { Text: ";" or "\n" or "&&" or "||" }:
                    if (command is not { Words.Count: 0, Redirects.Count: 0 } || pipeline.Commands.Count > 0
                        || token.Text is "&&" or "||")
                        AddCommand(token.Text);
                    AddPipeline(token.Text == "\n" ? ";" : token.Text);
                    break;
                default:
                    if (++i >= tokens.Count || tokens[i].IsOperator)
                        throw new ShellSyntaxException("newline");
                    command.Redirects.Add((token.Text, tokens[i].Text));
                    break;
            }
        }
        if (command is not { Words.Count: 0, Redirects.Count: 0 } || pipeline.Commands.Count > 0
            || pipeline.After != ";")
            AddCommand("end of file");
        AddPipeline(";");
        return pipelines;

        void AddCommand(string before)
        {
            if (command is { Words.Count: 0, Redirects.Count: 0 } || pipeline.Commands.Count == MaxCommands)
                throw new ShellSyntaxException(before);
            pipeline.Commands.Add(command);
            command = new([], []);
        }

        void AddPipeline(string next)
        {
            if (pipeline.Commands.Count > 0)
                pipelines.Add(pipeline);
            pipeline = new(next, []);
        }
    }
}
