namespace Osc.Agent.Configuration;

/// <summary>What was asked for on the command line.</summary>
/// <param name="File">The configuration file; null for the usual one.</param>
/// <param name="Settings">Options that stand for settings, by key, with the value.</param>
/// <param name="Controller">With <see cref="CommandLineAction.Enrol"/>: where.</param>
/// <param name="Error">Why the line makes no sense; null if it does.</param>
public sealed record CommandLine(CommandLineAction Action, string? File, IReadOnlyDictionary<string, string> Settings, string? Error, string? Controller = null)
{
    /// <summary>Reads "--option VALUE" and "--option=VALUE".</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var action = CommandLineAction.Run;
        string? file = null, controller = null;
        var settings = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var equals = arguments[i].IndexOf('=');
            var option = equals < 0 ? arguments[i] : arguments[i][..equals];
            if (ActionOf(option) is { } asked && equals < 0)
            {
                action = asked;
                continue;
            }

            var setting = Setting.All.FirstOrDefault(s => s.Option == option);
            if (setting is null && option is not ("--config" or "--enrol"))
            {
                return Wrong($"'{arguments[i]}' is no option");
            }

            if (equals < 0 && i + 1 == arguments.Count)
            {
                return Wrong($"{option} needs a value");
            }

            var value = equals < 0 ? arguments[++i] : arguments[i][(equals + 1)..];
            if (option == "--enrol")
            {
                (action, controller) = (CommandLineAction.Enrol, value);
            }
            else if (setting is null)
            {
                file = value;
            }
            else if (!settings.TryAdd(setting.Key, value))
            {
                return Wrong($"{option} is given twice");
            }
        }

        return new(action, file, settings, null, controller);
    }

    private static CommandLineAction? ActionOf(string option) => option switch
    {
        "--help" or "-h" => CommandLineAction.Help,
        "--version" => CommandLineAction.Version,
        "--check-config" => CommandLineAction.CheckConfiguration,
        _ => null,
    };

    private static CommandLine Wrong(string error) => new(CommandLineAction.Run, null, new Dictionary<string, string>(), error);
}

public enum CommandLineAction
{
    Run,
    Help,
    Version,
    CheckConfiguration,
    Enrol,
}
