using System.Text;

namespace Osc.Agent.Configuration;

/// <summary>What --help prints; made from the table of settings.</summary>
public static class HelpText
{
    public static string Print()
    {
        var text = new StringBuilder();
        text.Append("""
            osc-agent keeps one host's Open vSwitch as the Osc controller wants it.

            Usage: osc-agent [--config FILE] [OPTION...]

              --config FILE          the configuration file
              --enrol URL            show the controller at URL the code on standard input (osc enrol HOST makes it), and
                                     keep the certificate for the broker that it gives, then end
              --check-config         say whether the configuration is right, then end
              --version              print the version
              --help                 print this

            Settings: as keys of the configuration file (a flat JSON object), as environment variables, as options.
            Options go before variables, variables before the file.


            """);
        var defaults = new AgentConfiguration();
        foreach (var setting in Setting.All)
        {
            text.Append("  ").Append(setting.Option).Append(' ').Append(setting.Value).Append('\n')
                .Append("      ").Append(setting.Help).Append('\n')
                .Append("      allowed: ").Append(setting.Allowed).Append('\n')
                .Append("      also: ").Append(setting.Key).Append(" in the file, ").Append(setting.Variable).Append('\n');
        }

        return text.Append(System.Globalization.CultureInfo.InvariantCulture, $"""

            Defaults: --config {AgentConfiguration.DefaultFile} (if it is there), ovsRunDirectory {defaults.OvsRunDirectory},
            xenstore auto, stateDirectory {defaults.StateDirectory}, helloSeconds {defaults.HelloEvery.TotalSeconds}, resyncSeconds {defaults.ResyncEvery.TotalSeconds}, trafficSeconds {defaults.TrafficEvery.TotalSeconds}, loggedPerSecond {defaults.Limits.LoggedPerSecond}, rejectPerSecond {defaults.Limits.RejectedPerSecond}, restoreBeforeForwarding off, logFormat text, logLevel info.

            Exit codes: 0 stopped as asked, {(int)ExitCode.WrongConfiguration} wrong configuration, {(int)ExitCode.WrongUsage} bad usage, {(int)ExitCode.NoStateDirectory} state directory not usable, {(int)ExitCode.NotEnrolled} not enrolled, {(int)ExitCode.Bug} an error in the agent itself.

            """).ToString();
    }
}
