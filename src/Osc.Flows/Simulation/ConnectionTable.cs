using Osc.Model;

namespace Osc.Flows.Simulation;

/// <summary>A connection that the switch tracks.</summary>
public sealed class TrackedConnection
{
    internal TrackedConnection(ConnectionTuple original) => Original = original;

    /// <summary>The connection as its first packet went.</summary>
    public ConnectionTuple Original { get; }

    public uint Mark { get; internal set; }

    public UInt128 Label { get; internal set; }

    /// <summary>Whether a packet of the other direction was seen.</summary>
    public bool HasReplied { get; internal set; }
}

/// <summary>
/// What tells connections apart: the addresses, the protocol, and the ports. For an ICMP query the ports are its type and
/// code, and its identifier tells queries apart.
/// </summary>
public readonly record struct ConnectionTuple(IpAddress Source, IpAddress Destination, byte Protocol, ushort SourcePort, ushort DestinationPort, ushort IcmpId);

/// <summary>
/// The connection tracking table of one switch, all zones. Mutable: what a packet commits is there for the next one.
/// Follows Open vSwitch's userspace datapath, as far as a packet without TCP flags can tell.
/// </summary>
public sealed class ConnectionTable
{
    private readonly Dictionary<(ushort Zone, ConnectionTuple Tuple), TrackedConnection> connections = [];

    public int Count { get; private set; }

    /// <summary>The connection that a packet belongs to, in either direction; null if there is none.</summary>
    public TrackedConnection? Find(ushort zone, Packet packet) => packet.IsIp ? Find(zone, TupleOf(packet.Reported ?? packet), out _) : null;

    public void Clear()
    {
        connections.Clear();
        Count = 0;
    }

    /// <summary>Looks a packet up. A packet without a connection is new, and its own tuple is the original one.</summary>
    internal Tracking Track(ushort zone, Packet packet)
    {
        if (!packet.IsIp || packet.IsInvalid)
        {
            return new(CtState.Tracked | CtState.Invalid, default, null);
        }

        if (packet.Reported is { } reported)
        {
            // An error goes against the packet that it reports, so it is a reply where that one was none.
            var found = Find(zone, TupleOf(reported), out var reportedIsReply);
            return found is null
                ? new(CtState.Tracked | CtState.Invalid, default, null)
                : new(CtState.Tracked | CtState.Related | (reportedIsReply ? 0 : CtState.Reply), found.Original, found);
        }

        var tuple = TupleOf(packet);
        if (Find(zone, tuple, out var isReply) is not { } connection)
        {
            return new(CtState.Tracked | CtState.New, tuple, null);
        }

        connection.HasReplied |= isReply;
        return new(CtState.Tracked | (connection.HasReplied ? CtState.Established : CtState.New) | (isReply ? CtState.Reply : 0), connection.Original, connection);
    }

    /// <summary>Enters a connection, or gives back the one that is there.</summary>
    internal TrackedConnection Commit(ushort zone, Tracking tracking)
    {
        if (tracking.Connection is { } known)
        {
            return known;
        }

        var connection = new TrackedConnection(tracking.Original);
        connections[(zone, tracking.Original)] = connection;
        connections.TryAdd((zone, Reverse(tracking.Original)), connection);
        Count++;
        return connection;
    }

    private static ConnectionTuple TupleOf(Packet packet) =>
        packet.IsIcmp ? new(packet.Source, packet.Destination, packet.Protocol, packet.IcmpType, packet.IcmpCode, packet.IcmpId)
        : IpProtocol.HasPorts(packet.Protocol) ? new(packet.Source, packet.Destination, packet.Protocol, packet.SourcePort, packet.DestinationPort, 0)
        : new(packet.Source, packet.Destination, packet.Protocol, 0, 0, 0);

    private static bool IsIcmp(ConnectionTuple tuple) => tuple.Protocol == (tuple.Source.IsIPv4 ? IpProtocol.Icmp : IpProtocol.IcmpV6);

    /// <summary>The tuple that the connection's replies have.</summary>
    private static ConnectionTuple Reverse(ConnectionTuple tuple)
    {
        if (!IsIcmp(tuple))
        {
            return tuple with { Source = tuple.Destination, Destination = tuple.Source, SourcePort = tuple.DestinationPort, DestinationPort = tuple.SourcePort };
        }

        var type = Packet.ReplyType(tuple.Source.IsIPv4, (byte)tuple.SourcePort) ?? (byte)tuple.SourcePort;
        return tuple with { Source = tuple.Destination, Destination = tuple.Source, SourcePort = type };
    }

    private TrackedConnection? Find(ushort zone, ConnectionTuple tuple, out bool isReply)
    {
        var found = connections.GetValueOrDefault((zone, tuple));
        isReply = found is not null && found.Original != tuple;
        return found;
    }
}

/// <summary>What connection tracking says about a packet.</summary>
/// <param name="State">Bits of <see cref="CtState"/>.</param>
/// <param name="Original">The connection's first direction; meaningless if the packet is invalid.</param>
/// <param name="Connection">null if the connection is not committed.</param>
internal readonly record struct Tracking(uint State, ConnectionTuple Original, TrackedConnection? Connection);

/// <summary>Bits of ct_state (ovs-fields(7)).</summary>
internal static class CtState
{
    public const uint New = 1;
    public const uint Established = 2;
    public const uint Related = 4;
    public const uint Reply = 8;
    public const uint Invalid = 16;
    public const uint Tracked = 32;
}
