using System.Collections.Frozen;
using Osc.Model;

namespace Osc.Flows.Simulation;

/// <summary>
/// Does with a packet what Open vSwitch would do by a bridge's flows. Immutable, so many threads may share one; what changes
/// from packet to packet is in the <see cref="ConnectionTable"/>.
/// </summary>
public sealed class PacketSimulator
{
    /// <summary>Nested resubmits after which Open vSwitch gives up (MAX_DEPTH in ofproto-dpif-xlate.c).</summary>
    private const int MaxDepth = 64;

    private const int UnknownPort = -1;

    /// <summary>What a live port's number reads as: the flows know ports by name.</summary>
    private const uint LivePort = 1;

    private readonly FlowTable?[] tables = new FlowTable?[256];
    private readonly FrozenDictionary<PortName, int> ports;

    /// <exception cref="ArgumentException">A goto_table leads backwards, which the switch refuses.</exception>
    public PacketSimulator(FlowSet flows)
    {
        ports = flows.Select(f => f.Match.InPort).OfType<PortName>().Distinct().Select((port, number) => (port, number)).ToFrozenDictionary(p => p.port, p => p.number);
        foreach (var group in flows.GroupBy(f => f.Table))
        {
            tables[group.Key] = new(group.Key, group, p => ports[p]);
        }

        if (flows.FirstOrDefault(f => f.Actions.OfType<GotoTable>().Any(g => g.Table <= f.Table)) is { } backwards)
        {
            throw new ArgumentException($"goto_table leads backwards: {backwards}");
        }
    }

    /// <summary>Sends a packet through the tables, from table 0.</summary>
    /// <param name="connections">The switch's connections; committed ones are added.</param>
    /// <param name="down">Ports that are not live; null: none.</param>
    /// <returns>Where the flows loop, the packet is dropped, as Open vSwitch does.</returns>
    /// <exception cref="InvalidOperationException">The flows push a tag on a tagged packet.</exception>
    public SimulationResult Run(Packet packet, PortName inPort, ConnectionTable connections, IReadOnlySet<PortName>? down = null)
    {
        var run = new PacketRun(tables, inPort, ports.GetValueOrDefault(inPort, UnknownPort), connections, down);
        run.Enter(0, new PacketState(packet), 0);
        return new(run.Loops ? [] : run.Outputs.ToValueList(), run.Trace.ToValueList());
    }

    /// <summary>Sends a packet on from the middle of the tables.</summary>
    /// <param name="table">Where it goes on.</param>
    /// <param name="state">What has been written so far: registers, or what connection tracking said.</param>
    /// <param name="inPort">Where it came in.</param>
    /// <param name="down">Ports that are not live; null: none.</param>
    public SimulationResult RunFrom(byte table, Packet packet, IEnumerable<(Field Field, UInt128 Value)> state, PortName inPort, IReadOnlySet<PortName>? down = null)
    {
        var run = new PacketRun(tables, inPort, ports.GetValueOrDefault(inPort, UnknownPort), new(), down);
        var packetState = new PacketState(packet);
        foreach (var (field, value) in state)
        {
            packetState.Set(field, value);
        }

        run.Enter(table, packetState, 0);
        return new(run.Loops ? [] : run.Outputs.ToValueList(), run.Trace.ToValueList());
    }

    /// <summary>One packet's way.</summary>
    private sealed class PacketRun(FlowTable?[] tables, PortName? inPort, int inPortNumber, ConnectionTable connections, IReadOnlySet<PortName>? down)
    {
        public List<SentPacket> Outputs { get; } = [];

        public List<TraceStep> Trace { get; } = [];

        public bool Loops { get; private set; }

        public void Enter(byte table, PacketState packet, int depth)
        {
            if (depth > MaxDepth)
            {
                Loops = true;
                return;
            }

            var step = tables[table]?.Find(packet, inPortNumber) ?? new TraceStep(table, null, null);
            Trace.Add(step);
            if (step.Flow is { } flow)
            {
                foreach (var action in flow.Actions.AsSpan())
                {
                    Execute(action, packet, depth);
                }
            }
        }

        private void Execute(FlowAction action, PacketState packet, int depth)
        {
            switch (action)
            {
                case Output output when output.Port != inPort:
                    Outputs.Add(new(output.Port, packet.ToPacket()));
                    break;
                case Output:
                    break;
                case ForgetInPort:
                    (inPort, inPortNumber) = (null, UnknownPort);
                    break;
                case SetField set:
                    packet.Write(set.Field, set.Value, set.Mask);
                    break;
                case BundleLoad load:
                    packet.Write(load.Destination, down?.Contains(load.Port) == true ? BundleLoad.Down : LivePort);
                    break;
                case Move move:
                    packet.Move(move.Source, move.Destination);
                    break;
                case Resubmit resubmit:
                    Enter(resubmit.Table, packet, depth + 1);
                    break;
                case GotoTable next:
                    Enter(next.Table, packet, depth);
                    break;
                case Meter or ToController or LogPacket:
                    break; // what the agent gets goes no further, and how much it gets decides nothing
                case PushVlan:
                    packet.PushVlan();
                    break;
                case PopVlan:
                    packet.PopVlan();
                    break;
                case Conntrack ct:
                    TrackConnection(ct, packet, depth);
                    break;
                default:
                    throw new InvalidOperationException($"no meaning for {action}");
            }
        }

        /// <summary>
        /// ct(): the tracked packet is a copy that starts anew in the named table and does not come back; the actions after
        /// ct() go on with the packet as if it had never been tracked.
        /// </summary>
        private void TrackConnection(Conntrack ct, PacketState packet, int depth)
        {
            var zone = (ushort)packet.Read(ct.Zone);
            var tracking = connections.Track(zone, packet.ToPacket());
            var connection = tracking.Connection;
            if (ct.Commit && (tracking.State & CtState.Invalid) == 0)
            {
                connection = connections.Commit(zone, tracking);
                foreach (var write in ct.Exec)
                {
                    WriteConnection(write, packet, connection);
                }
            }

            if (ct.Table is { } table)
            {
                var recirculated = packet.Clone();
                recirculated.SetTracking(zone, tracking, connection);
                Enter(table, recirculated, depth + 1);
            }

            packet.ClearTracking();
        }

        private static void WriteConnection(FlowAction write, PacketState packet, TrackedConnection connection)
        {
            var (field, value, mask) = write switch
            {
                SetField set => (set.Field, set.Value, set.Mask),
                Move move => (move.Destination.Field, packet.Read(move.Source) << move.Destination.Offset,
                    (UInt128.MaxValue >> (128 - move.Destination.Bits)) << move.Destination.Offset),
                _ => throw new InvalidOperationException($"ct(exec) cannot do {write}"),
            };
            if (ReferenceEquals(field, Field.CtMark))
            {
                connection.Mark = (connection.Mark & ~(uint)mask) | (uint)value;
            }
            else if (ReferenceEquals(field, Field.CtLabel))
            {
                connection.Label = (connection.Label & ~mask) | value;
            }
            else
            {
                throw new InvalidOperationException($"ct(exec) cannot write {field}");
            }
        }
    }
}
