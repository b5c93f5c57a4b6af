using Osc.Agent.Logging;

namespace Osc.Agent.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class MemoryLog : IAgentLog
{
    private readonly Lock gate = new();
    private readonly List<string> lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var line = $"{level} {message}";
        foreach (var (name, value) in fields)
        {
            line += $" {name}={value}";
        }

        lock (gate)
        {
            lines.Add(line);
        }
    }
}
