namespace Osc.Agent;

/// <summary>The process's exit codes.</summary>
public enum ExitCode
{
    /// <summary>Stopped as asked, or did what was asked.</summary>
    Done = 0,

    /// <summary>The configuration is wrong or cannot be read.</summary>
    WrongConfiguration = 1,

    /// <summary>The command line makes no sense.</summary>
    WrongUsage = 2,

    /// <summary>The state directory cannot be used, or another agent uses it.</summary>
    NoStateDirectory = 3,

    /// <summary>The controller gave no certificate.</summary>
    NotEnrolled = 4,

    /// <summary>An error in the agent itself (sysexits(3), EX_SOFTWARE).</summary>
    Bug = 70,
}
