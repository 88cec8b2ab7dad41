using CloudPhone.Sidecar.CommandLine;
using CloudPhone.Sidecar.Hosting;

SocketThreads.Claim();
return await SidecarCommands.RunAsync(args);
