namespace Osc.Cli.Terminal;

/// <summary>What answers are printed as.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,
    Json,
    Yaml,
}
