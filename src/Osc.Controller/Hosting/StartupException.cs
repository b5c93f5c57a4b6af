namespace Osc.Controller.Hosting;

/// <summary>The program cannot start; the message says why, in words for the operator.</summary>
public sealed class StartupException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
