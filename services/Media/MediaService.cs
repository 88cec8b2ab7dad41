using CloudPhone.Adb;
using CloudPhone.Media.Input;
using CloudPhone.Media.Player;
using CloudPhone.Media.Recordings;
using CloudPhone.Media.Screens;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.WebRtc.Udp;

namespace CloudPhone.Media;

static class MediaService
{
    static readonly TimeSpan Alive = TimeSpan.FromSeconds(15);

    public static void AddMedia(this WebApplicationBuilder builder)
    {
        var options = MediaOptions.From(builder.Configuration);
        builder.Services.AddSingleton(options).AddSingleton(options.ScrcpyServer);
        builder.Services.AddSingleton(s => MediaPort.Open(options, s.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<PhoneRights>().AddSingleton<AdbPhones>()
            .AddSingleton<FindPhone>(s => s.GetRequiredService<PhoneRights>().FindAsync);
        builder.Services.AddSingleton<PhoneScreens>().AddSingleton<SocketParts>();
        builder.Services.AddSingleton<LiveSessions>().AddSingleton<EndedLogins>().AddHostedService<SessionWatch>();
        builder.Services.AddSingleton(RecordingOptions.From(builder.Configuration)).AddSingleton<LiveRecordings>()
            .AddHostedService(s => s.GetRequiredService<LiveRecordings>()).AddScoped<RecordingBook>();
        builder.Services.AddScoped<SessionBook>().AddScoped<Opening>();
    }

    public static void MapMedia(this WebApplication app)
    {
        // taken before the first request: a port that is taken ends the start with one sentence
        app.Services.GetRequiredService<UdpHub>();
        app.UseWebSockets(new() { KeepAliveInterval = Alive, KeepAliveTimeout = Alive });
        app.MapSessions();
        app.MapRecordings();
        app.MapSockets();
        app.MapPlayer();
    }
}
