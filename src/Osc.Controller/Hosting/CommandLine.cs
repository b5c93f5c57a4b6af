namespace Osc.Controller.Hosting;

/// <summary>What a command line asks to see instead of running.</summary>
public enum Shown
{
    Help,
    Version,
}

/// <summary>The command line of a controller.</summary>
/// <param name="Config">The configuration file; null: none.</param>
/// <param name="Error">What is wrong; null if nothing is.</param>
public sealed record CommandLine(string? Config = null, bool Development = false, Shown? Shows = null, string? Error = null)
{
    public const string DefaultConfig = "/etc/osc/controller.json";

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var line = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    return new(Shows: Shown.Help);
                case "--version":
                    return new(Shows: Shown.Version);
                case "--development":
                    line = line with { Development = true };
                    break;
                case "--config" when i + 1 < args.Count:
                    line = line with { Config = args[++i] };
                    break;
                case "--config":
                    return new(Error: "--config needs a file");
                default:
                    return new(Error: $"unknown argument '{args[i]}'; see --help");
            }
        }

        return line.Config is null && File.Exists(DefaultConfig) ? line with { Config = DefaultConfig } : line;
    }
}
