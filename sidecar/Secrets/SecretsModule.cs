using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Sidecar.Secrets;

static class SecretsModule
{
    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IServiceCollection AddSecrets(this IServiceCollection services) => services
        .AddSingleton(EnvironmentSecretStore.Type)
        .AddSingleton(FileSecretStore.Type)
        .AddSingleton<SecretsApi>();

    public static void MapSecrets(this IEndpointRouteBuilder api)
    {
        api.MapGet("/v1.0/secrets/{store}/bulk", GetAllAsync);
        api.MapGet("/v1.0/secrets/{store}/{name}", GetAsync);
    }

    static async Task<JsonHttpResult<IReadOnlyDictionary<string, string>>> GetAsync(
        string store, string name, SecretsApi secrets, CancellationToken ct) =>
        TypedResults.Json(await secrets.GetAsync(store, name, ct), Json);

    static async Task<JsonHttpResult<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>> GetAllAsync(
        string store, SecretsApi secrets, CancellationToken ct) =>
        TypedResults.Json(await secrets.GetAllAsync(store, ct), Json);
}
