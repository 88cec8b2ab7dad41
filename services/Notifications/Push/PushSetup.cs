using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPhone.Shared.Hosting;
using StackExchange.Redis;

namespace CloudPhone.Notifications.Push;

static class PushSetup
{
    const int SendBufferBytes = 64 << 10;

    public static void AddPush(this WebApplicationBuilder builder)
    {
        var signalR = builder.Services.AddSignalR(o =>
        {
            o.KeepAliveInterval = TimeSpan.FromSeconds(15);
            o.ClientTimeoutInterval = TimeSpan.FromSeconds(45);
            o.MaximumReceiveMessageSize = 4 << 10; // clients have nothing to say but pings
        }).AddJsonProtocol(o =>
            o.PayloadSerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
        if (Backplane(builder.Configuration) is { } redis)
            signalR.AddStackExchangeRedis(o =>
            {
                o.Configuration = redis;
                o.Configuration.ChannelPrefix = RedisChannel.Literal("cloudphone.notifications");
            });
        builder.Services.AddSingleton<OpenConnections>().AddHostedService<Pusher>();
    }

    /// <summary>
    /// Redis, where REDIS_HOST names one: it brings a notification to the replica that has its user's connection.
    /// Without it one replica serves all connections.
    /// </summary>
    static ConfigurationOptions? Backplane(IConfiguration configuration) =>
        configuration["REDIS_HOST"] is not { Length: > 0 } host ? null : new()
        {
            EndPoints = { { host, configuration.Number("REDIS_PORT", 6379, 1, 65535) } },
            Password = configuration["REDIS_PASSWORD"],
            AbortOnConnectFail = false, // it starts without, and connects as soon as there is one
        };

    public static void MapPush(this IEndpointRouteBuilder routes) =>
        routes.MapHub<NotificationHub>(NotificationHub.Path, o =>
        {
            o.CloseOnAuthenticationExpiration = true;
            o.TransportMaxBufferSize = SendBufferBytes;
        }).RequireAuthorization();
}
