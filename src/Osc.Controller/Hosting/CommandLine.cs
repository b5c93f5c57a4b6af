using Osc.Model;

namespace Osc.Controller.Hosting;

/// <summary>What a command line asks to see instead of running.</summary>
public enum Shown
{
    Help,
    Version,
    BrokerDefinitions,
}

/// <summary>What is to be done with the store instead of running.</summary>
public enum StoreTask
{
    Backup,
    Restore,
}

/// <summary>The command line of a controller.</summary>
/// <param name="Config">The configuration file; null: none.</param>
/// <param name="Error">What is wrong; null if nothing is.</param>
/// <param name="Hosts">With <see cref="Shown.BrokerDefinitions"/>: whose.</param>
/// <param name="Store">A task on the store, and the backup's file; null: none.</param>
public sealed record CommandLine(string? Config = null, bool Development = false, Shown? Shows = null, string? Error = null, ValueList<Name>? Hosts = null, (StoreTask Task, string File)? Store = null)
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
                case "--broker-definitions":
                    return OfHosts([.. args.Skip(i + 1)]);
                case "--development":
                    line = line with { Development = true };
                    break;
                case "--config" when i + 1 < args.Count:
                    line = line with { Config = args[++i] };
                    break;
                case "--backup" or "--restore" when i + 1 < args.Count:
                    line = line with { Store = (args[i] == "--backup" ? StoreTask.Backup : StoreTask.Restore, args[++i]) };
                    break;
                case "--config" or "--backup" or "--restore":
                    return new(Error: $"{args[i]} needs a file");
                default:
                    return new(Error: $"unknown argument '{args[i]}'; see --help");
            }
        }

        return line.Config is null && File.Exists(DefaultConfig) ? line with { Config = DefaultConfig } : line;
    }

    private static CommandLine OfHosts(IReadOnlyList<string> names) =>
        names.FirstOrDefault(n => !Name.TryParse(n, out _)) is { } wrong ? new(Error: $"'{wrong}' is no host's name; allowed: {Name.Allowed}")
        : new(Shows: Shown.BrokerDefinitions, Hosts: names.Select(Name.Parse).ToValueList());
}
