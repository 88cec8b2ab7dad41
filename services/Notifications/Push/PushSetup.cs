using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPhone.Notifications.Push;

static class PushSetup
{
    const int SendBufferBytes = 64 << 10;

    public static void AddPush(this WebApplicationBuilder builder)
    {
        builder.Services.AddSignalR(o =>
        {
            o.KeepAliveInterval = TimeSpan.FromSeconds(15);
            o.ClientTimeoutInterval = TimeSpan.FromSeconds(45);
            o.MaximumReceiveMessageSize = 4 << 10; // clients have nothing to say but pings
        }).AddJsonProtocol(o =>
            o.PayloadSerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
        builder.Services.AddHostedService<Pusher>();
    }

    public static void MapPush(this IEndpointRouteBuilder routes) =>
        routes.MapHub<NotificationHub>(NotificationHub.Path, o =>
        {
            o.CloseOnAuthenticationExpiration = true;
            o.TransportMaxBufferSize = SendBufferBytes;
        }).RequireAuthorization();
}
