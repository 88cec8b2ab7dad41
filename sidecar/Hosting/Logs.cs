namespace CloudPhone.Sidecar.Hosting;

static class Logs
{
    public static void Configure(WebApplicationBuilder builder, SidecarOptions options, ILoggerFactory? loggers)
    {
        if (loggers is not null)
        {
            builder.Services.AddSingleton(loggers);
            return;
        }
        var logging = builder.Logging;
        logging.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning)
            // A port in use is reported by one sentence of ours instead of this category's stack.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (options.LogAsJson)
            logging.AddJsonConsole(o => o.UseUtcTimestamp = true);
        else
            logging.AddSimpleConsole(o => (o.SingleLine, o.UseUtcTimestamp, o.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ "));
    }
}
