using CloudPhone.Sidecar.CommandLine;

return await SidecarCommands.RunAsync(args);
