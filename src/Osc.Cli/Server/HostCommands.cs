using System.CommandLine;
using System.Globalization;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc hosts and osc host: how hosts stand, what they should have, and what they have.</summary>
internal static class HostCommands
{
    public static DescribedCommand CreateList(Shell shell)
    {
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("hosts", "Lists hosts: how each stands and why, which revision each should have and has.") { output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var answer = await client.SendAsync(ApiRequest.Get("hosts"), cancellation);
            return answer.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => PrintList(shell, answer.Read<Page>())) : shell.Fail(answer);
        });
        return new(command, ["osc hosts", "osc hosts --output json"]);
    }

    public static DescribedCommand CreateOne(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "The host." };
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("host", "Says all about one host: state, alarms, revisions, versions, counters, ports.") { name, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var answer = await client.SendAsync(ApiRequest.Get("hosts/" + Uri.EscapeDataString(parsed.GetRequiredValue(name))), cancellation);
            return answer.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => PrintOne(shell, answer.Read<HostAnswer>())) : shell.Fail(answer);
        });
        return new(command, ["osc host h1"]);
    }

    private static void PrintList(Shell shell, Page page)
    {
        var table = new Table("host", "state", "since", "desired", "acked", "flows", "agent", "switch", "last seen", "alarms", "why");
        foreach (var host in page.Read<HostAnswer>())
        {
            table.Row(
                host.Name, Cell.State(host.State), host.Since is { } since ? Times.Show(since) : "", host.DesiredRevision, host.AckedRevision, host.Flows,
                host.AgentVersion, host.SwitchVersion, Times.Show(host.LastSeen), host.Alarms?.Count ?? 0, host.Error);
        }

        table.Print(shell);
    }

    private static void PrintOne(Shell shell, HostAnswer host)
    {
        var table = new Table("field", "value")
            .Row("name", host.Name)
            .Row("state", Cell.State(host.State));
        if (!string.IsNullOrEmpty(host.Error))
        {
            table.Row("why", new Cell(host.Error, "red"));
        }

        table
            .Row("since", host.Since is { } since ? Times.Show(since) : "")
            .Row("last seen", Times.Show(host.LastSeen))
            .Row("desired revision", host.DesiredRevision)
            .Row("acked revision", host.AckedRevision)
            .Row("flows", host.Flows)
            .Row("digest", host.Digest)
            .Row("agent", host.AgentVersion)
            .Row("switch", host.SwitchVersion);
        if (host.Agent is { } agent)
        {
            DescribeAgent(table, agent);
        }

        foreach (var port in host.UnboundPorts ?? [])
        {
            table.Row("port not there", new Cell(port, "yellow"));
        }

        foreach (var warning in (host.Warnings ?? []).Except((host.Alarms ?? []).Select(a => a.Detail)))
        {
            table.Row("warning", new Cell(warning, "yellow"));
        }

        table.Print(shell);
        shell.Line();
        if (host.Alarms is { Count: > 0 } alarms)
        {
            AlarmsCommand.Print(shell, alarms);
            shell.Line();
        }

        PrintPorts(shell, host);
    }

    private static void DescribeAgent(Table table, HostAgent agent)
    {
        table
            .Row("agent says", agent.State is null ? "" : Cell.State(agent.State))
            .Row("agent since", Times.Show(agent.Started))
            .Row("agent holds", $"revision {agent.HeldRevision}, {(agent.HeldFlows is { } flows ? $"{flows} flows, " : "")}digest {agent.HeldDigest}");
        if (agent.HeartbeatSeconds is { } seconds)
        {
            table.Row("heartbeat", $"every {seconds} s");
        }

        foreach (var datapath in agent.Datapaths ?? [])
        {
            table.Row("datapath", $"{datapath.Name}: {datapath.Hit} packets had a flow, {datapath.Missed} needed a decision, {datapath.Lost} never got one");
        }
    }

    private static void PrintPorts(Shell shell, HostAnswer host)
    {
        if (host.Ports is not { Count: > 0 } known)
        {
            shell.Line("no ports are known; the agent reports them");
            return;
        }

        var ports = new Table("bridge", "port", "number", "link", "iface-id", "interface");
        foreach (var port in known)
        {
            ports.Row(port.Bridge, port.Name, port.Number?.ToString(CultureInfo.InvariantCulture), port.LinkUp ? "up" : "down", port.IfaceId, string.Join(", ", port.Interfaces ?? []));
        }

        ports.Print(shell);
    }
}
