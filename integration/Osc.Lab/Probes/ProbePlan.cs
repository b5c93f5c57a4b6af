using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;

namespace Osc.Lab.Probes;

/// <summary>A service as the matrix tries it: a protocol with a port, a protocol without (port 0), or an echo request of the connection's family.</summary>
public readonly record struct ProbedService(byte Protocol, ushort Port) : IComparable<ProbedService>
{
    public static readonly ProbedService Echo = new(IpProtocol.Icmp, 0);

    public int CompareTo(ProbedService other) => (Protocol, Port).CompareTo((other.Protocol, other.Port));

    public override string ToString() => this == Echo ? "ping" : IpProtocol.HasPorts(Protocol) ? $"{IpProtocol.NameOf(Protocol)}/{Port}" : $"proto/{Protocol}";
}

/// <summary>What is tried of a state: every service that its documents name, between every two of its workloads' interfaces.</summary>
public static class ProbePlan
{
    /// <summary>
    /// Of each range of ports that a service or a rule names, its first and last port and the one after it; each protocol
    /// without ports; ping; and a TCP and a UDP port that nothing names.
    /// </summary>
    public static IReadOnlyList<ProbedService> Services(State state)
    {
        var named = state.Documents.OfType<ServiceDocument>().SelectMany(s => s.Ports)
            .Concat(state.Documents.OfType<PolicyDocument>().SelectMany(p => p.Rules).SelectMany(r => r.Services).SelectMany(state.PortsOf))
            .SelectMany(Edges)
            .ToHashSet();
        return [ProbedService.Echo, .. named.Append(Unnamed(named, IpProtocol.Tcp)).Append(Unnamed(named, IpProtocol.Udp)).Order()];
    }

    /// <summary>Every ordered pair of stations in one vrf, with each service and each pair of addresses of one family.</summary>
    public static IEnumerable<(Station From, Station To, ProbedService Service, Connection Connection)> Connections(PolicyLab lab, State state)
    {
        var services = Services(state);
        return from @from in lab.Stations
               from to in lab.Stations
               where @from != to && @from.Placed.Vrf == to.Placed.Vrf
               from service in services
               from source in @from.Addresses
               from destination in to.Addresses
               where source.Family == destination.Family
               select (@from, to, service, ConnectionOf(service, @from.Placed.Vrf, source, destination));
    }

    private static Connection ConnectionOf(ProbedService service, QualifiedName vrf, IpAddress source, IpAddress destination) =>
        service != ProbedService.Echo ? new(vrf, source, destination, service.Protocol, service.Port)
        : source.IsIPv4 ? new(vrf, source, destination, IpProtocol.Icmp, IcmpType: Probes.Echo.RequestV4)
        : new(vrf, source, destination, IpProtocol.IcmpV6, IcmpType: Probes.Echo.RequestV6);

    private static IEnumerable<ProbedService> Edges(ServicePort port)
    {
        if (port.Protocol is not { } protocol || IpProtocol.HasIcmpType(protocol))
        {
            return [];
        }

        if (!IpProtocol.HasPorts(protocol))
        {
            return [new(protocol, 0)];
        }

        var (first, last) = (port.Ports.First, port.Ports.Last);
        ushort[] ports = port.Ports == PortRange.All ? [] : first == last ? [first] : last == ushort.MaxValue ? [first, last] : [first, last, (ushort)(last + 1)];
        return ports.Select(p => new ProbedService(protocol, p));
    }

    private static ProbedService Unnamed(HashSet<ProbedService> named, byte protocol) =>
        Enumerable.Range(1, ushort.MaxValue).Select(p => new ProbedService(protocol, (ushort)p)).First(s => !named.Contains(s));
}
