using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>Programs that are not there are told before anything starts.</summary>
static class CommandCheck
{
    /// <exception cref="ConfigurationException">Names the app and what is missing.</exception>
    public static void Run(RunTemplate template)
    {
        foreach (var app in template.Apps.Where(a => a.Command.Count > 0))
        {
            var program = app.Command[0];
            if (Programs.Find(program, app.Folder) is null)
                throw new ConfigurationException(program == "dotnet"
                    ? $"{app.AppId} needs the .NET SDK, and there is no 'dotnet' on the PATH; "
                        + "install it from https://dot.net."
                    : $"{template.File}: the command of {app.AppId} names '{program}', "
                        + $"which is neither on the PATH nor in {app.Folder}.");
            if (program == "dotnet" && app.Command.Count > 1
                && app.Command[1].EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
                && !File.Exists(Path.GetFullPath(app.Command[1], app.Folder)))
                throw new ConfigurationException(
                    $"{app.AppId} is not built: {Path.GetFullPath(app.Command[1], app.Folder)} does not exist.");
        }
    }
}
