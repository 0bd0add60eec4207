using Hangfire.Logging;
using HangfireLevel = Hangfire.Logging.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Tutti.Reduction.Reducing;

/// <summary>What Hangfire has to say, in the log of the process: trouble with its storage must not stay unseen.</summary>
internal sealed partial class HangfireLog(ILogger log) : ILogProvider, ILog
{
    public ILog GetLogger(string name) => this;

    public bool Log(HangfireLevel logLevel, Func<string>? messageFunc, Exception? exception = null)
    {
        var level = logLevel switch
        {
            HangfireLevel.Trace => LogLevel.Trace,
            HangfireLevel.Debug => LogLevel.Debug,
            HangfireLevel.Info => LogLevel.Information,
            HangfireLevel.Warn => LogLevel.Warning,
            HangfireLevel.Error => LogLevel.Error,
            HangfireLevel.Fatal => LogLevel.Critical,
        };
        if (messageFunc is null || !log.IsEnabled(level)) return log.IsEnabled(level);
        var text = messageFunc();
        Said(level, exception, text);
        return true;
    }

    [LoggerMessage(Message = "{Text}")]
    private partial void Said(LogLevel level, Exception? exception, string text);
}
