namespace CloudPhone.Sidecar.Secrets;

static class SecretsModule
{
    public static IServiceCollection AddSecrets(this IServiceCollection services) => services;

    public static void MapSecrets(this IEndpointRouteBuilder api)
    {
    }
}
