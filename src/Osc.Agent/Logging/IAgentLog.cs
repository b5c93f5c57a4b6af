namespace Osc.Agent.Logging;

public enum LogLevel
{
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>Where the agent says what it does. Implementations take calls from any thread.</summary>
public interface IAgentLog
{
    /// <param name="message">A constant text, so that equal events can be counted.</param>
    /// <param name="fields">What differs from event to event, camelCase names.</param>
    void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, object? Value)> fields);
}
