namespace Osc.Controller.Configuration;

/// <summary>How much one caller, and all together, may ask of the controller.</summary>
public sealed record LimitSettings
{
    public static readonly LimitSettings Default = new();

    /// <summary>Requests of one identity in a second, over time.</summary>
    public int RequestsPerSecond { get; init; } = 1_000;

    /// <summary>Requests of one identity at once.</summary>
    public int Burst { get; init; } = 5_000;

    /// <summary>Requests from one place in a second of those who are not known, over time.</summary>
    public int UnknownPerSecond { get; init; } = 50;

    /// <summary>Requests from one place at once of those who are not known.</summary>
    public int UnknownBurst { get; init; } = 500;

    /// <summary>Long questions (explain, reach, plan, dry run) of one identity that are worked on at the same time; more wait.</summary>
    public int Questions { get; init; } = 16;

    /// <summary>Lists of one identity that are sent line by line at the same time; more are refused.</summary>
    public int Streams { get; init; } = 16;

    /// <summary>Open connections.</summary>
    public int Connections { get; init; } = 5_000;

    /// <summary>How long a request may take, but for lists that are sent line by line.</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromSeconds(100);
}
