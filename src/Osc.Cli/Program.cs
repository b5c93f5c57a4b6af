using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

return await OscCommand.RunAsync(args, Shell.OfProcess());
