using System.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.CommandLine;

/// <summary>Arguments and options that several commands have.</summary>
internal static class Arguments
{
    public static Argument<string> Documents(string name) => new(name) { Description = "A directory of .yaml, .yml and .json files, or one such file." };

    public static Option<OutputFormat> Output()
    {
        var option = new Option<OutputFormat>("--output", "-o") { Description = "What the answer is printed as; table unless said.", HelpName = "table|json|yaml" };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "table", "json", "yaml");
        return option;
    }

    public static Option<string?> File() => new("--file", "-f") { Description = "A file, a directory, or - for standard input (a YAML stream).", HelpName = "FILE|DIR|-" };

    public static Option<string?> Reason() => new("--reason") { Description = "Why, for the audit log.", HelpName = "TEXT" };

    public static Option<int?> Limit(string what) => new("--limit") { Description = $"At most so many {what}.", HelpName = "N" };

    /// <summary>A plain option with text as its value.</summary>
    public static Option<string?> Text(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };
}
