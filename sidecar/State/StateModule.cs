using CloudPhone.Sidecar.Resources;
using CloudPhone.Sidecar.State.Http;
using CloudPhone.Sidecar.State.InMemory;
using CloudPhone.Sidecar.State.Redis;
using CloudPhone.Sidecar.State.Sqlite;

namespace CloudPhone.Sidecar.State;

static class StateModule
{
    static readonly string[] Capabilities =
        ["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"];

    public static IServiceCollection AddState(this IServiceCollection services) => services
        .AddSingleton<StateApi>()
        .AddSingleton<ActorStateStore>()
        .AddSingleton(new ComponentType("state.in-memory", InMemoryStateStore.CreateAsync, Capabilities))
        .AddSingleton(new ComponentType("state.redis", RedisStateStore.CreateAsync, Capabilities))
        .AddSingleton(new ComponentType("state.sqlite", SqliteStateStore.CreateAsync, Capabilities));

    public static void MapState(this IEndpointRouteBuilder api)
    {
        var store = api.MapGroup("/v1.0/state/{store}");
        store.MapMethods("", ["POST", "PUT"], StateEndpoints.SaveAsync);
        store.MapMethods("bulk", ["POST", "PUT"], StateEndpoints.GetBulkAsync);
        store.MapMethods("transaction", ["POST", "PUT"], StateEndpoints.TransactAsync);
        store.MapGet("{key}", StateEndpoints.GetAsync);
        store.MapDelete("{key}", StateEndpoints.DeleteAsync);
    }
}
