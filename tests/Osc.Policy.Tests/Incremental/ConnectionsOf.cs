using Osc.Model;

namespace Osc.Policy.Tests.Incremental;

/// <summary>Connections that somebody may open in a state.</summary>
internal static class ConnectionsOf
{
    /// <summary>Between two of its addresses, or to somebody outside; none where nobody has an address.</summary>
    public static Connection Random(Random random, State state)
    {
        var owned = state.Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (i.Vrf, Address: a))).ToArray();
        if (owned.Length == 0)
        {
            return default;
        }

        var (vrf, source) = owned[random.Next(owned.Length)];
        var peers = owned.Where(o => o.Vrf == vrf && o.Address.IsIPv4 == source.IsIPv4).Select(o => o.Address).Append(IpAddress.Parse(source.IsIPv4 ? "203.0.113.7" : "2001:db8::7")).ToArray();
        var destination = peers[random.Next(peers.Length)];
        ushort[] ports = [22, 53, 80, 443, 5432, 6000, 8080];
        return new(vrf, source, destination, random.Next(2) == 0 ? IpProtocol.Tcp : IpProtocol.Udp, ports[random.Next(ports.Length)]);
    }
}
