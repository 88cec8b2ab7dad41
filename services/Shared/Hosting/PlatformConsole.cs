using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace CloudPhone.Shared.Hosting;

/// <summary>
/// One line for each message, with request id and trace id: <c>12:00:01.002 info DeviceActor [r=… t=…] Started …</c>.
/// LOG_FORMAT=json gives the framework's JSON lines instead.
/// </summary>
sealed class PlatformConsoleFormatter() : ConsoleFormatter("cloudphone")
{
    public override void Write<TState>(
        in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = entry.Formatter(entry.State, entry.Exception);
        textWriter.Write(DateTime.UtcNow.ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        textWriter.Write(entry.LogLevel switch
        {
            LogLevel.Trace or LogLevel.Debug => "debug ",
            LogLevel.Information => "info ",
            LogLevel.Warning => "warn ",
            LogLevel.Error => "error ",
            _ => "fatal ",
        });
        textWriter.Write(entry.Category[(entry.Category.LastIndexOf('.') + 1)..]);
        if (RequestId.Current is { } id)
            textWriter.Write($" [r={id} t={Activity.Current?.TraceId.ToHexString() ?? "-"}]");
        textWriter.Write(' ');
        textWriter.Write(OneLine(message));
        if (entry.Exception is { } e)
            textWriter.Write(" | " + OneLine(e.ToString().ReplaceLineEndings(" | ")));
        textWriter.WriteLine();
    }

    /// <summary>Nothing that a user wrote may begin a line of its own or steer the terminal.</summary>
    static string OneLine(string text) => text.Any(char.IsControl) || text.AsSpan().ContainsAny('\u2028', '\u2029')
        ? string.Concat(text.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? ' ' : c)) : text;
}

static class PlatformConsole
{
    public static ILoggingBuilder AddPlatformConsole(this ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.Configure(o => o.ActivityTrackingOptions = ActivityTrackingOptions.None);
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning)
            .AddFilter("Yarp", LogLevel.Warning)
            .AddFilter("CloudPhone.Shared.Auth", LogLevel.Warning)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information)
            // a refused duplicate is often expected, and what nobody catches is logged with its request
            .AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.None)
            .AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None)
            // its handler logs every answered exception a second time
            .AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        if (configuration["LOG_FORMAT"] is "json")
            return logging.AddJsonConsole(o => o.IncludeScopes = true);
        logging.AddConsoleFormatter<PlatformConsoleFormatter, ConsoleFormatterOptions>();
        return logging.AddConsole(o => o.FormatterName = "cloudphone");
    }
}
