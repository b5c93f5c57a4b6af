using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Decisions;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>Dispatch: what goes past policy, what goes nowhere, and what is tracked.</summary>
internal sealed class DispatchFlows(BridgeView view, IFlowNumbers numbers, FlowBuilder flows)
{
    private static readonly Prefix[] ToMany = [Prefix.Parse("224.0.0.0/4"), Prefix.Parse("255.255.255.255"), Prefix.Parse("ff00::/8")];

    private static readonly IpAddress DhcpV6Servers = IpAddress.Parse("ff02::1:2");

    private static readonly FlowAction Track = new Conntrack(false, Registers.ZoneBits, PipelineTable.Connection.Id, ValueList<FlowAction>.Empty);

    public void Add()
    {
        var fromOutside = Match.Any.With(Registers.Flags, 0, Registers.FromLocal);
        Forward(100, fromOutside.With(Field.EthType, Arp));
        AddNeighbourDiscovery();
        AddDhcp(fromOutside);
        AddManyReceivers();
        flows.Add(PipelineTable.Dispatch, 100, Ip4, PipelineCookie, Track);
        flows.Add(PipelineTable.Dispatch, 100, Ip6, PipelineCookie, Track);
        flows.Add(PipelineTable.Dispatch, 0, Match.Any, PipelineCookie);
    }

    /// <summary>What the spoof guard let through of neighbour discovery did not come here: whatever else a local port sends of it is forged.</summary>
    private void AddNeighbourDiscovery()
    {
        for (byte type = 133; type <= 137; type++)
        {
            var messages = Match.Any.With(Field.EthType, IPv6).With(Field.IpProto, IpProtocol.IcmpV6).With(Field.Icmpv6Type, type);
            Forward(310, messages.With(Registers.Flags, 0, Registers.FromLocal).With(Field.IpTtl, 255));
            flows.Add(PipelineTable.Dispatch, 300, messages, PipelineCookie);
        }
    }

    /// <summary>
    /// Clients' questions go past policy. Answers are tracked and skip the client's side only: a workload that plays server
    /// goes through its own side of policy like any other, and never answers to all.
    /// </summary>
    private void AddDhcp(Match fromOutside)
    {
        var broadcast = IpAddress.FromIPv4(uint.MaxValue);
        Forward(220, Match.Any.To(broadcast).Udp(68, 67));
        Forward(220, fromOutside.To(broadcast).Udp(67, 68));
        Forward(220, Match.Any.To(DhcpV6Servers).Udp(546, 547));
        flows.Add(PipelineTable.Dispatch, 150, Ip4.Udp(68, 67), PipelineCookie, To(PipelineTable.DeliveryGuard));
        flows.Add(PipelineTable.Dispatch, 150, Ip6.Udp(546, 547), PipelineCookie, To(PipelineTable.DeliveryGuard));
        foreach (var answer in new[] { Ip4.Udp(67, 68), Ip6.Udp(547, 546) })
        {
            flows.Add(PipelineTable.Dispatch, 150, answer, PipelineCookie, Set(Registers.Flags, Registers.ToDhcpClient, Registers.ToDhcpClient), Track);
        }
    }

    private void AddManyReceivers()
    {
        FlowAction[] pass = [Set(Registers.Flags, Registers.ToMany, Registers.ToMany), Track];
        foreach (var range in ToMany)
        {
            flows.Add(PipelineTable.Dispatch, 200, Match.Any.To(range), PipelineCookie);
            foreach (var network in view.Networks.Where(n => n.Multicast))
            {
                flows.Add(PipelineTable.Dispatch, 210, Match.Any.With(Registers.Network, numbers.OfNetwork(network.QualifiedName)).To(range), ForwardCookie, pass);
            }
        }

        foreach (var vrf in view.Vrfs)
        {
            foreach (var (network, subnet) in view.State.NetworksOf(vrf)
                .SelectMany(n => n.Subnets.Select(s => (Network: n, Subnet: s)))
                .Where(p => BeforePolicy.IsDirectedBroadcast(p.Subnet, p.Subnet.Last) && view.State.OwnerOf(vrf, p.Subnet.Last) is null))
            {
                flows.Add(
                    PipelineTable.Dispatch,
                    200,
                    Match.Any.With(Registers.Zone, numbers.ZoneOf(vrf)).To(subnet.Last),
                    ForwardCookie,
                    network.Multicast ? pass : []);
            }
        }
    }

    private void Forward(int priority, Match match) => flows.Add(PipelineTable.Dispatch, priority, match, PipelineCookie, To(PipelineTable.Forward));
}
