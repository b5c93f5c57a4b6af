namespace Osc.Cli.CommandLine;

/// <summary>What the process says by its exit code.</summary>
public static class ExitCode
{
    public const int Done = 0;

    /// <summary>The documents, the question or the change are refused; the reasons are on standard error.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong.</summary>
    public const int BadUsage = 2;

    /// <summary>The server cannot be reached, or what answers is no Osc controller.</summary>
    public const int ServerOutOfReach = 3;

    /// <summary>Stopped by Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;
}
