using System.Globalization;
using System.Text.RegularExpressions;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Lab;
using Osc.Model;
using Osc.Policy.Verify.Proof;
using Osc.Switch.Control;

namespace Osc.Integration.Trace;

/// <summary>What Open vSwitch says that it would do with a connection's packet.</summary>
/// <param name="Forwards">Whether the packet leaves the switch.</param>
/// <param name="Label">The rules that the connection would be committed with; null if it would not be.</param>
/// <param name="Rejects">Whether the table of rejected connections is reached.</param>
/// <param name="Steps">The flows that the packet met, in order.</param>
/// <param name="Actions">What would be done with it, as the switch prints it.</param>
public sealed record TraceAnswer(bool Forwards, UInt128? Label, bool Rejects, IReadOnlyList<TraceStep> Steps, string Actions, string Text);

/// <summary>A flow that a traced packet met. Its cookie is as the switch prints it: 0x5c0020300000007.</summary>
public readonly record struct TraceStep(byte Table, int Priority, string Cookie);

/// <summary>A real switch that is given one bridge's flows after the other and asked what it would do (ofproto/trace).</summary>
public sealed partial class TracedSwitch : IAsyncDisposable
{
    private const int Ports = 40;
    private static readonly string[] Names = [.. Enumerable.Range(1, Ports).Select(i => string.Create(CultureInfo.InvariantCulture, $"vif{i}.0")), "trunk", "trunk2"];
    private static readonly PortName Bridge = PortName.Parse("br-int");

    private readonly LabSpace space;
    private readonly SwitchInstance instance;
    private readonly ControlConnection control;

    private TracedSwitch(LabSpace space, SwitchInstance instance, ControlConnection control)
    {
        this.space = space;
        this.instance = instance;
        this.control = control;
    }

    /// <summary>Starts a switch with ports of all names that random states use.</summary>
    public static async Task<TracedSwitch> StartAsync()
    {
        var space = await LabSpace.ClaimAsync("trace");
        var instance = await SwitchInstance.StartAsync(space, "s");
        await instance.AddBridgeAsync(Bridge);
        await instance.VsctlAsync(Names.SelectMany(n => new[] { "--", "add-port", Bridge.Value, n, "--", "set", "interface", n, "type=internal" }));
        return new(space, instance, ControlConnection.Open(instance.ControlSocket));
    }

    public Task<string> VersionAsync() => instance.VersionAsync();

    /// <summary>Whether the switch has a port.</summary>
    public static bool Has(PortName port) => Names.Contains(port.Value);

    /// <summary>Gives the switch exactly these flows, if it takes them.</summary>
    /// <returns>Why it takes none of them; null: it has them.</returns>
    public async Task<string?> TryProgramAsync(FlowSet flows)
    {
        try
        {
            await ProgramAsync(flows);
            return null;
        }
        catch (LabException refusal)
        {
            return refusal.Message;
        }
    }

    /// <summary>Gives the switch exactly these flows.</summary>
    public async Task ProgramAsync(FlowSet flows)
    {
        var file = Path.Combine(space.DirectoryPath, "flows");
        await File.WriteAllLinesAsync(file, flows.Select(f => f.ToString()));
        await instance.AddMeterAsync(Bridge);
        await instance.OfctlAsync("--bundle", "replace-flows", Bridge.Value, file);
    }

    /// <summary>Asks for the first packet of a connection, which connection tracking would find new.</summary>
    public Task<TraceAnswer> TraceAsync(PortName inPort, Packet packet) => TraceAsync(new Probe(inPort, packet));

    /// <summary>Asks for a packet of a new connection, or of one that is open.</summary>
    public async Task<TraceAnswer> TraceAsync(Probe probe)
    {
        var states = probe.Open is not { First: var first } ? "trk,new" : first.Source == probe.Packet.Source ? "trk,est" : "trk,est,rpl";
        var answer = await control.RunAsync("ofproto/trace", [Bridge.Value, Describe(probe, states.Replace(',', '|')), "--ct-next", states], default);
        var text = answer.Output ?? throw new LabException($"ofproto/trace: {answer.Error}");
        var actions = text.Split('\n').Last(l => l.StartsWith("Datapath actions: ", StringComparison.Ordinal))["Datapath actions: ".Length..].Trim();
        return new(WithArguments().Replace(actions, "").Split(',').Any(a => int.TryParse(a, CultureInfo.InvariantCulture, out _)), LabelOf(actions), text.Contains($"\n{PipelineTable.Reject.Id}. ", StringComparison.Ordinal), [.. StepsIn(text)], actions, text);
    }

    public async ValueTask DisposeAsync()
    {
        control.Dispose();
        await space.DisposeAsync();
    }

    private static IEnumerable<TraceStep> StepsIn(string text) => Step().Matches(text)
        .Select(m => new TraceStep(byte.Parse(m.Groups["table"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(m.Groups["priority"].ValueSpan, CultureInfo.InvariantCulture), m.Groups["cookie"].Value));

    [GeneratedRegex(@"^ *(?<table>[0-9]+)\. (?:.*, )?priority (?<priority>[0-9]+), cookie (?<cookie>0x[0-9a-f]+)$", RegexOptions.Multiline)]
    private static partial Regex Step();

    /// <summary>Every action but output to a port, which is a bare number.</summary>
    [GeneratedRegex(@"[a-z_]+\((?:[^()]|\([^()]*\))*\)")]
    private static partial Regex WithArguments();

    private static UInt128? LabelOf(string actions)
    {
        var at = actions.IndexOf("label=", StringComparison.Ordinal);
        if (!actions.Contains("ct(commit", StringComparison.Ordinal) || at < 0)
        {
            return null;
        }

        var value = actions[(at + "label=".Length)..].Split('/', ',', ')')[0];
        var label = value.StartsWith("0x", StringComparison.Ordinal)
            ? UInt128.Parse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : UInt128.Parse(value, CultureInfo.InvariantCulture);
        const uint Number = Registers.KeepingRule - 1;
        return label & (Number | ((UInt128)Number << Registers.LabelInRule.Offset));
    }

    /// <summary>The packet and the original direction that tracking it would find: a trace asks no connection table.</summary>
    private static string Describe(Probe probe, string states)
    {
        var (packet, original) = (probe.Packet, probe.Open?.First ?? probe.Packet);
        var vlan = packet.Vlan is { } id ? string.Create(CultureInfo.InvariantCulture, $",dl_vlan={id}") : "";
        var (source, destination) = packet.IsIPv4 ? ("nw_src", "nw_dst") : ("ipv6_src", "ipv6_dst");
        var (ctSource, ctDestination) = packet.IsIPv4 ? ("ct_nw_src", "ct_nw_dst") : ("ct_ipv6_src", "ct_ipv6_dst");
        var (first, second) = Numbers(packet);
        var (ctFirst, ctSecond) = Numbers(original);
        var mark = probe.Open is { } open ? string.Create(CultureInfo.InvariantCulture, $",ct_mark={open.Mark}") : "";
        var ports = packet.IsIcmp ? $",{(packet.IsIPv4 ? "icmp" : "icmpv6")}_type={{0}},{(packet.IsIPv4 ? "icmp" : "icmpv6")}_code={{1}}" : IpProtocol.HasPorts(packet.Protocol) ? $",{IpProtocol.NameOf(packet.Protocol)}_src={{0}},{IpProtocol.NameOf(packet.Protocol)}_dst={{1}}" : "";
        var tracked = packet.IsIcmp || IpProtocol.HasPorts(packet.Protocol) ? ",ct_tp_src={2},ct_tp_dst={3}" : "";
        var text = $"in_port={probe.Port},dl_src={packet.EthSrc},dl_dst={packet.EthDst}{vlan},{(packet.IsIPv4 ? "ip" : "ipv6")},nw_proto={packet.Protocol},nw_ttl={packet.Ttl}"
            + $",{source}={packet.Source},{destination}={packet.Destination}{ports}"
            + $",ct_state={states}{mark},{ctSource}={original.Source},{ctDestination}={original.Destination},ct_nw_proto={packet.Protocol}{tracked}";
        return string.Format(CultureInfo.InvariantCulture, text, first, second, ctFirst, ctSecond);

        static (int First, int Second) Numbers(Packet packet) => packet.IsIcmp ? (packet.IcmpType, packet.IcmpCode) : (packet.SourcePort, packet.DestinationPort);
    }
}
