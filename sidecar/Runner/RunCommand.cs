using System.CommandLine;

namespace CloudPhone.Sidecar.Runner;

public static class RunCommand
{
    public static Command Create() => new("run", "Runs the apps of a run template, each beside its sidecar.");
}
