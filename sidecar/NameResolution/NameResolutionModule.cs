using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.NameResolution.Consul;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.NameResolution;

static class NameResolutionModule
{
    /// <summary>The component that the Configuration names; without one, the sidecars of this process.</summary>
    /// <exception cref="ConfigurationException">An unknown component or a wrong field.</exception>
    public static IServiceCollection AddNameResolution(
        this IServiceCollection services, SidecarOptions options, Configuration configuration)
    {
        if (configuration.NameResolution is not { } written)
            return services.AddSingleton<INameResolver, NeighbourhoodResolver>();
        if (written.Required("component") is not ("consul" or "hashicorp.consul") and var component)
            throw written.Wrong("component", $"is '{component}'; known: consul");
        if (written.Text("version") is not (null or "" or "v1") and var version)
            throw written.Wrong("version", $"is '{version}'; known: v1");
        return services.AddConsul(ConsulSettingsReader.Read(written.Map("configuration"), options));
    }

    static IServiceCollection AddConsul(this IServiceCollection services, ConsulSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<ConsulClient>()
        .AddSingleton<ConsulRegistration>()
        .AddSingleton<INameResolver, ConsulResolver>();
}
