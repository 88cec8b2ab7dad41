using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudPhone.Sidecar.Hosting;

static class Logs
{
    const string Server = "Microsoft.AspNetCore.Server.Kestrel";

    public static void Configure(WebApplicationBuilder builder, SidecarOptions options, ILoggerFactory? loggers)
    {
        if (loggers is not null)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(new ErrorsOfServer(loggers)));
            return;
        }
        var others = options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning;
        var logging = builder.Logging;
        logging.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", others).AddFilter("Grpc", others)
            .AddFilter(Server, LogLevel.Error)
            // A port in use is reported by one sentence of ours instead of this category's stack.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (options.LogAsJson)
            logging.AddJsonConsole(o => o.UseUtcTimestamp = true);
        else
            logging.AddSimpleConsole(o =>
                (o.SingleLine, o.UseUtcTimestamp, o.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ "));
    }

    /// <summary>
    /// Without the server's warning that HTTP/2 needs TLS, which is not so here; the given factory is its owner's
    /// to dispose.
    /// </summary>
    sealed class ErrorsOfServer(ILoggerFactory inner) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => categoryName == Server
            ? new ErrorsOnly(inner.CreateLogger(categoryName))
            : inner.CreateLogger(categoryName);

        public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

        public void Dispose()
        {
        }
    }

    sealed class ErrorsOnly(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error && inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
