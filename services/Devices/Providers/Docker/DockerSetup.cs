namespace CloudPhone.Devices.Providers.Docker;

static class DockerSetup
{
    public static void AddDocker(this IServiceCollection services, DockerOptions options) =>
        services.AddSingleton(options).AddSingleton<DockerEngines>()
            .AddSingleton<IDeviceProvider, DockerProvider>().AddHostedService<ContainerEvents>()
            .AddHostedService<NodeReports>();
}
