using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Flows;
using Osc.Model;
using Osc.Policy.Compile;

namespace Osc.Cli.Offline;

/// <summary>osc compile: the flows that a host would have.</summary>
internal static class CompileCommand
{
    private const string Ofctl = "ofctl";
    private const string Json = "json";

    public static DescribedCommand Create(Shell shell)
    {
        var path = Arguments.Documents("DIR");
        var host = new Option<string>("--host") { Description = "The host.", HelpName = "H", Required = true };
        var bridge = Arguments.Text("--bridge", "B", "One of the host's bridges; needed with --format ofctl where it has several.");
        var format = new Option<string>("--format") { Description = "ofctl: lines that ovs-ofctl takes. json: all bridges, with digests.", HelpName = "ofctl|json", DefaultValueFactory = _ => Ofctl };
        format.AcceptOnlyFromAmong(Ofctl, Json);
        var command = new Command("compile", "Compiles documents to the flows of one host.") { path, host, bridge, format };
        command.SetAction(parsed => Run(shell, parsed.GetRequiredValue(path), parsed.GetRequiredValue(host), parsed.GetValue(bridge), parsed.GetValue(format) == Json));
        return new(command,
        [
            "osc compile policies/three-tier-shop --host h1",
            "osc compile policies/three-tier-shop --host h1 | ovs-ofctl -O OpenFlow15 --bundle add-flows br-int -",
            "osc compile policies/three-tier-shop --host h1 --format json",
        ]);
    }

    private static int Run(Shell shell, string path, string hostName, string? bridgeName, bool asJson)
    {
        var loaded = LoadedState.Enforceable(path);
        if (loaded.State is not { } state)
        {
            return shell.Refuse(loaded.Errors);
        }

        if (!Name.TryParse(hostName, out var host) || state.Host(host) is null)
        {
            return shell.Refuse($"there is no host '{hostName}'; allowed: {string.Join(", ", state.Hosts.Select(h => h.Metadata.Name))}");
        }

        var flows = HostCompiler.Compile(state, host, HostNumbering.Empty).Flows;
        var bridges = flows.Bridges.Where(b => bridgeName is null || b.Bridge.Value == bridgeName).ToValueList();
        var names = string.Join(", ", flows.Bridges.Select(b => b.Bridge));
        if (bridgeName is not null && bridges.Count == 0)
        {
            return shell.Refuse($"host {host} has no bridge '{bridgeName}'; allowed: {names}");
        }

        if (!asJson && bridges.Count > 1)
        {
            return shell.Fail(ExitCode.BadUsage, $"host {host} has several bridges: say --bridge with one of {names}");
        }

        Print(shell, flows with { Bridges = bridges }, asJson);
        return ExitCode.Done;
    }

    private static void Print(Shell shell, HostFlows flows, bool asJson)
    {
        if (asJson)
        {
            var bridges = flows.Bridges.Select(b => new BridgeAnswer(b.Bridge.Value, b.Flows.Digest.ToString(), [.. b.Flows.Select(FlowText.Print)]));
            shell.Print(OutputFormat.Json, AnswerJson.Of(new Answer(flows.Host.Value, flows.Digest.ToString(), [.. bridges])), () => { });
            return;
        }

        using var buffer = new StringWriter { NewLine = "\n" };
        foreach (var flow in flows.Bridges.SelectMany(b => b.Flows))
        {
            buffer.WriteLine(FlowText.Print(flow));
        }

        shell.Out.Write(buffer.ToString());
    }

    private sealed record Answer(string Host, string Digest, IReadOnlyList<BridgeAnswer> Bridges);

    private sealed record BridgeAnswer(string Bridge, string Digest, IReadOnlyList<string> Flows);
}
