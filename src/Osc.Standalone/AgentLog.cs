using System.Globalization;
using Osc.Agent.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Osc.Standalone;

/// <summary>An agent's log lines among the controller's.</summary>
internal sealed class AgentLog(ILogger log) : IAgentLog
{
    public void Write(Agent.Logging.LogLevel level, string message, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var to = level switch
        {
            Agent.Logging.LogLevel.Debug => LogLevel.Debug,
            Agent.Logging.LogLevel.Info => LogLevel.Information,
            Agent.Logging.LogLevel.Warning => LogLevel.Warning,
            _ => LogLevel.Error,
        };
        if (!log.IsEnabled(to))
        {
            return;
        }

        var state = new List<KeyValuePair<string, object?>>();
        foreach (var (name, value) in fields)
        {
            state.Add(new(name, value));
        }

        log.Log(to, default, state, null, (values, _) =>
            values.Count == 0 ? message : $"{message}: {string.Join(", ", values.Where(v => v.Value is not null).Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key} {v.Value}")))}");
    }
}
