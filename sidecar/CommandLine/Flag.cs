using System.CommandLine;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.CommandLine;

/// <summary>One flag of the runtime's command line and what its value does to the options.</summary>
/// <param name="IsSwitch">May stand without a value, which means true.</param>
sealed record Flag(string Name, string Help, Func<SidecarOptions, string, SidecarOptions> Apply, bool IsSwitch = false)
{
    Option<string[]>? _option;

    public Option<string[]> Option => _option ??= new("--" + Name)
    {
        Description = Help,
        Arity = IsSwitch ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}
