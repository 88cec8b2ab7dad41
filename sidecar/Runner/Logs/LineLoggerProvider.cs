using System.Globalization;

namespace CloudPhone.Sidecar.Runner.Logs;

/// <summary>Gives a sidecar's log messages to a writer of lines, one message a line.</summary>
sealed class LineLoggerProvider(Action<string> line, TimeProvider clock) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, line, clock);

    public void Dispose()
    {
    }

    sealed class LineLogger(string category, Action<string> line, TimeProvider clock) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            if (exception is not null)
                text += $" {exception}";
            var name = logLevel switch
            {
                LogLevel.Trace or LogLevel.Debug => "debug",
                LogLevel.Information => "info",
                LogLevel.Warning => "warning",
                LogLevel.Error => "error",
                _ => "fatal",
            };
            line(string.Create(CultureInfo.InvariantCulture,
                $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {name,-7} {category}: {text.ReplaceLineEndings(" ")}"));
        }
    }
}
