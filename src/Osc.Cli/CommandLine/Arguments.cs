using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Osc.Cli.Terminal;

namespace Osc.Cli.CommandLine;

/// <summary>Arguments and options that several commands have.</summary>
internal static class Arguments
{
    /// <summary>Ten days: timers of the runtime take no longer times.</summary>
    private const int MaxSeconds = 864_000;

    public static Argument<string> Documents(string name) => new(name) { Description = "A directory of .yaml, .yml and .json files, or one such file." };

    public static Option<OutputFormat> Output()
    {
        var option = new Option<OutputFormat>("--output", "-o") { Description = "What the answer is printed as; table unless said.", HelpName = "table|json|yaml" };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "table", "json", "yaml");
        return option;
    }

    public static Option<string?> File() => new("--file", "-f") { Description = "A file, a directory, or - for standard input (a YAML stream).", HelpName = "FILE|DIR|-" };

    public static Option<string?> Reason() => new("--reason") { Description = "Why, for the audit log.", HelpName = "TEXT" };

    public static Option<int?> Limit(string what) => new("--limit") { Description = $"At most so many {what}.", HelpName = "N", CustomParser = result => (int?)Count(result, int.MaxValue) };

    public static Option<double?> Timeout(string description) => new("--timeout") { Description = description, HelpName = "SECONDS", CustomParser = Seconds };

    public static Argument<long?> Revision(string description) =>
        new("REVISION") { Description = description, Arity = ArgumentArity.ZeroOrOne, CustomParser = result => result.Tokens.Count == 0 ? null : Count(result, long.MaxValue) };

    /// <summary>A plain option with text as its value.</summary>
    public static Option<string?> Text(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    private static long? Count(ArgumentResult result, long max)
    {
        var text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= max)
        {
            return number;
        }

        result.AddError($"'{text}' is no whole number from 1 to {max}");
        return null;
    }

    private static double? Seconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is > 0 and < MaxSeconds)
        {
            return number;
        }

        result.AddError($"'{text}' is no number of seconds above 0 and below {MaxSeconds}");
        return null;
    }
}
