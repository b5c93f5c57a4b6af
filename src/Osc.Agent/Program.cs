using Osc.Agent;
using Osc.Agent.Configuration;
using Osc.Agent.Enrolment;

var commandLine = CommandLine.Parse(args);
if (commandLine.Error is { } misuse)
{
    await Console.Error.WriteLineAsync($"osc-agent: {misuse}; see osc-agent --help");
    return (int)ExitCode.WrongUsage;
}

switch (commandLine.Action)
{
    case CommandLineAction.Help:
        Console.Write(HelpText.Print());
        return (int)ExitCode.Done;
    case CommandLineAction.Version:
        Console.WriteLine($"osc-agent {AgentVersion.Text}");
        return (int)ExitCode.Done;
}

var (configuration, errors) = ConfigurationReader.Read(commandLine, Environment.GetEnvironmentVariable);
if (errors.Count > 0)
{
    foreach (var error in errors)
    {
        await Console.Error.WriteLineAsync($"osc-agent: {error}");
    }

    return (int)ExitCode.WrongConfiguration;
}

if (commandLine.Action == CommandLineAction.CheckConfiguration)
{
    Console.WriteLine("the configuration is right");
    return (int)ExitCode.Done;
}

return (int)(commandLine.Action == CommandLineAction.Enrol
    ? await EnrolmentProcess.RunAsync(configuration, commandLine.Controller!, Console.In, Console.Out, Console.Error) // it has one
    : await AgentProcess.RunAsync(configuration));
