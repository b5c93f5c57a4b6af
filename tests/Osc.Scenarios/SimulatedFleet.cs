using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;

namespace Osc.Scenarios;

/// <summary>
/// All hosts of a state with their compiled flows in simulated switches, joined by a fabric that carries VLANs and has one
/// router in every vrf. A packet is sent where its sender is and followed to its last switch.
/// </summary>
public sealed class SimulatedFleet
{
    /// <summary>The router's MAC, on every network.</summary>
    public static readonly MacAddress Router = MacAddress.Parse("02:ff:00:00:00:01");

    private readonly Dictionary<Name, CompiledHost> compiled;
    private readonly Dictionary<(Name Host, PortName Bridge), PacketSimulator> switches = [];
    private readonly Dictionary<(Name Host, PortName Bridge), ConnectionTable> connections = [];

    public SimulatedFleet(State state)
    {
        State = state;
        compiled = state.Hosts.ToDictionary(h => h.Metadata.Name, h => HostCompiler.Compile(state, h.Metadata.Name, HostNumbering.Empty));
        Program();
    }

    public State State { get; private set; }

    public CompiledHost Host(Name host) => compiled[host];

    /// <summary>Goes on to another state as an update does: numbering and open connections stay.</summary>
    public void Update(State state)
    {
        State = state;
        foreach (var host in state.Hosts)
        {
            compiled[host.Metadata.Name] = HostCompiler.Update(state, host.Metadata.Name, compiled[host.Metadata.Name]);
        }

        Program();
    }

    /// <summary>The same with hosts that were compiled elsewhere.</summary>
    public void Update(State state, IEnumerable<CompiledHost> hosts)
    {
        State = state;
        compiled.Clear();
        foreach (var host in hosts)
        {
            compiled.Add(host.Flows.Host, host);
        }

        Program();
    }

    /// <summary>Puts other flows into a host's switches than were compiled, as a fault would.</summary>
    public void Reprogram(HostFlows flows)
    {
        compiled[flows.Host] = compiled[flows.Host] with { Flows = flows };
        Program();
    }

    public void ForgetConnections() => connections.Clear();

    /// <summary>Sends a packet from one end towards another and follows it.</summary>
    /// <param name="from">The sender; null: it comes from outside, through the router.</param>
    /// <param name="to">The receiver; null: it goes outside.</param>
    /// <param name="packet">Its MAC addresses are filled in on the way.</param>
    public Journey Send(PlacedInterface? from, PlacedInterface? to, Packet packet)
    {
        var journey = new Journey();
        var sameNetwork = from is not null && to is not null && from.Network == to.Network;
        if (from?.Interface.Attachment is not null)
        {
            var out1 = Run(journey, from, PortOf(from), packet with
            {
                EthSrc = from.Interface.Mac,
                EthDst = sameNetwork ? to!.Interface.Mac : Router, // same network: there is a receiver
            });
            if (to?.Interface.Attachment is not null && Place(to) == Place(from) && out1.Any(s => s.Port == PortOf(to)))
            {
                journey.Arrived = true;
                return journey;
            }

            var uplinked = out1.Where(s => s.Packet.Vlan == from.Network.Segment.Id).ToArray();
            if (uplinked.Length == 0)
            {
                return journey;
            }

            packet = uplinked[0].Packet;
        }

        if (to?.Interface.Attachment is null)
        {
            journey.Arrived = true;
            return journey;
        }

        packet = packet with
        {
            EthSrc = sameNetwork ? from!.Interface.Mac : Router, // same network: there is a sender
            EthDst = to.Interface.Mac,
            Vlan = (ushort)to.Network.Segment.Id,
        };
        var place = Place(to);
        var uplink = State.Host(place.Host)!.Bridges.First(b => b.Name == place.Bridge).Uplinks[0]; // validated: the attachment names a host
        var out2 = Run(journey, to, uplink, packet);
        journey.Arrived = out2.Any(s => s.Port == PortOf(to) && s.Packet.Vlan is null);
        return journey;
    }

    private IReadOnlyList<SentPacket> Run(Journey journey, PlacedInterface at, PortName port, Packet packet)
    {
        var place = Place(at);
        var sent = new List<SentPacket>();
        var arriving = new Queue<((Name Host, PortName Bridge) Place, SentPacket Frame)>([(place, new(port, packet))]);
        while (arriving.TryDequeue(out var arrival))
        {
            var here = arrival.Place;
            var result = switches[here].Run(arrival.Frame.Packet, arrival.Frame.Port, ConnectionsAt(here));
            journey.Add(here.Host, result, compiled[here.Host].Numbering);
            foreach (var output in result.Outputs)
            {
                if (Appliances.Behind(State, here.Host, here.Bridge, output.Port) is var (far, visit) && journey.Visit(visit))
                {
                    arriving.Enqueue((here, new(far, output.Packet)));
                }
                else if (Appliances.BeyondTunnel(State, here.Host, here.Bridge, output.Port) is var (beyond, entry))
                {
                    arriving.Enqueue((beyond, new(entry, output.Packet)));
                }
                else if (here == place)
                {
                    sent.Add(output);
                }
                else
                {
                    throw new InvalidOperationException($"a frame of {place.Host} leaves {here.Host} by {output}");
                }
            }
        }

        return sent;
    }

    private ConnectionTable ConnectionsAt((Name Host, PortName Bridge) place)
    {
        if (!connections.TryGetValue(place, out var table))
        {
            connections.Add(place, table = new());
        }

        return table;
    }

    private void Program()
    {
        foreach (var (host, flows) in compiled)
        {
            foreach (var bridge in flows.Flows.Bridges)
            {
                switches[(host, bridge.Bridge)] = new(bridge.Flows);
            }
        }
    }

    private (Name Host, PortName Bridge) Place(PlacedInterface placed)
    {
        var attachment = placed.Interface.Attachment ?? throw new InvalidOperationException($"{placed} is attached nowhere");
        return (attachment.Host, attachment.Bridge ?? State.Host(attachment.Host)!.Bridges[0].Name); // validated: the attachment names a host
    }

    private static PortName PortOf(PlacedInterface placed) => placed.Interface.Attachment?.Port ?? throw new InvalidOperationException($"{placed} is attached nowhere");
}

/// <summary>What became of a packet.</summary>
public sealed class Journey
{
    private const int MaxVisits = 100;

    private readonly List<string> steps = [];
    private readonly List<Visit> visits = [];

    public bool Arrived { get; internal set; }

    /// <summary>Whether a table was reached that only refusing rules lead to.</summary>
    public bool Rejected { get; private set; }

    /// <summary>Who decided the out side, if a switch had one to decide: a rule's name, or "default".</summary>
    public string? DecidedOut { get; private set; }

    /// <summary>Who decided the in side, likewise.</summary>
    public string? DecidedIn { get; private set; }

    /// <summary>The appliances that it went through, in order.</summary>
    public IReadOnlyList<Visit> Visits => visits;

    public override string ToString() => string.Join('\n', steps);

    /// <returns>Whether it goes on: a packet that is sent round for ever does not.</returns>
    internal bool Visit(Visit visit)
    {
        visits.Add(visit);
        return visits.Count < MaxVisits;
    }

    internal void Add(Name host, SimulationResult result, HostNumbering numbering)
    {
        foreach (var step in result.Trace)
        {
            steps.Add($"{host} {step.Table}: {step.Flow?.ToString() ?? "no match"}");
            Rejected |= step.Table == PipelineTable.Reject.Id;
            if (step.Flow is not { } flow || DecidedBy(flow, numbering) is not { } decider)
            {
                continue;
            }

            if (flow.Table is >= PipelineTable.OutTiers and < PipelineTable.InTiers)
            {
                DecidedOut = decider;
            }
            else
            {
                DecidedIn = decider;
            }
        }
    }

    private static string? DecidedBy(Flow flow, HostNumbering numbering)
    {
        var cookie = FlowCookie.Of(flow.Cookie);
        return cookie switch
        {
            { Purpose: FlowPurpose.Default } => "default",
            { Rule: { } rule } => numbering.RuleOf(rule),
            _ => null,
        };
    }
}
