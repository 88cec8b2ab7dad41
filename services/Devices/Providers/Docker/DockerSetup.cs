namespace CloudPhone.Devices.Providers.Docker;

static class DockerSetup
{
    public static void AddDocker(this IServiceCollection services, DockerOptions options) =>
        services.AddSingleton(options).AddSingleton<ImagePulls>().AddSingleton<PullNotes>()
            .AddSingleton<DockerEngines>().AddSingleton<DockerCopies>()
            .AddSingleton<IDeviceProvider, DockerProvider>().AddHostedService<ContainerEvents>()
            .AddHostedService<NodeReports>().AddHostedService<HelperSweep>();
}
