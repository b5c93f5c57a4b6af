using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Decisions;

/// <summary>What is settled before any policy is asked: neighbour discovery, DHCP, multicast and broadcast.</summary>
public static class BeforePolicy
{
    private const byte RouterSolicitation = 133;
    private const byte RouterAdvertisement = 134;
    private const byte Redirect = 137;

    /// <summary>ff02::1:2, all DHCPv6 servers and relays (RFC 8415, 7.1).</summary>
    private static readonly IpAddress DhcpV6Servers = IpAddress.Parse("ff02::1:2");

    /// <summary>The verdict, or null where policy is to be asked.</summary>
    public static Verdict? Decide(State state, Connection connection)
    {
        var local = state.OwnerOf(connection.Vrf, connection.Source);

        // "ARP and IPv6 neighbour discovery pass subject to the spoof guard": a workload is no router, so it neither advertises nor redirects.
        if (IsNeighbourDiscovery(connection))
        {
            return local is not null && connection.IcmpType is RouterAdvertisement or Redirect ? Verdict.Drop : Verdict.Allow;
        }

        // "DHCP client traffic of a local workload passes": a client's questions wherever they go, and outside servers' answers to all.
        var toMany = ReachesMany(state, connection, out var network);
        var isQuestion = IsDhcpQuestion(connection) && (!toMany || connection.Destination.IsLimitedBroadcast || connection.Destination == DhcpV6Servers);
        var isAnswerToAll = IsDhcpAnswer(connection) && local is null && connection.Destination.IsLimitedBroadcast;
        if (isQuestion || isAnswerToAll)
        {
            return Verdict.Allow;
        }

        // "IP multicast and broadcast pass only for DHCP and neighbour discovery, unless the Network says multicast: true."
        return toMany && network?.Multicast != true ? Verdict.Drop : null;
    }

    /// <summary>Router and neighbour discovery (RFC 4861, 4).</summary>
    public static bool IsNeighbourDiscovery(Connection connection) =>
        connection.Protocol == IpProtocol.IcmpV6 && connection.IcmpType is >= RouterSolicitation and <= Redirect;

    /// <summary>From a DHCP client's port to a server's (RFC 2131, 4.1; RFC 8415, 7.2).</summary>
    public static bool IsDhcpQuestion(Connection connection) =>
        connection.Protocol == IpProtocol.Udp
        && (connection.Source.IsIPv4 ? connection is { SourcePort: 68, DestinationPort: 67 } : connection is { SourcePort: 546, DestinationPort: 547 });

    /// <summary>
    /// From a DHCP server's port to a client's: the client's side is not asked, since it is the client's own traffic. A workload
    /// that plays server has an out side like any other.
    /// </summary>
    public static bool IsDhcpAnswer(Connection connection) =>
        connection.Protocol == IpProtocol.Udp
        && (connection.Source.IsIPv4 ? connection is { SourcePort: 67, DestinationPort: 68 } : connection is { SourcePort: 547, DestinationPort: 546 });

    /// <summary>
    /// Whether the destination is a multicast or broadcast address, and the network whose setting counts: that of the sender,
    /// or for a directed broadcast the network whose subnet it is of.
    /// </summary>
    private static bool ReachesMany(State state, Connection connection, out NetworkDocument? network)
    {
        var networks = state.NetworksOf(connection.Vrf);
        if (connection.Destination.IsMulticast || connection.Destination.IsLimitedBroadcast)
        {
            network = state.OwnerOf(connection.Vrf, connection.Source)?.Network ?? networks.FirstOrDefault(n => n.Subnets.Any(s => s.Contains(connection.Source)));
            return true;
        }

        network = networks.FirstOrDefault(n => n.Subnets.Any(s => IsDirectedBroadcast(s, connection.Destination)));
        return network is not null && state.OwnerOf(connection.Vrf, connection.Destination) is null;
    }

    /// <summary>Whether an address is the directed broadcast address of an IPv4 subnet; subnets of one or two addresses have none (RFC 3021).</summary>
    public static bool IsDirectedBroadcast(Prefix subnet, IpAddress address) => subnet.Family == IpFamily.IPv4 && subnet.Length <= 30 && subnet.Last == address;
}
