using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// Connection, Classify, Commit and the joints between the tables: the same on every bridge but for the default actions.
/// </summary>
internal sealed class ConnectionFlows(BridgeView view, IFlowNumbers numbers, FlowBuilder flows)
{
    private const uint Related = 0x04;
    private const uint Reply = 0x08;
    private const uint Invalid = 0x10;
    private const uint Tracked = 0x20;

    public void Add()
    {
        AddConnection();
        AddTierJoints(RuleSide.Out, Registers.LabelOutRule);
        AddTierJoints(RuleSide.In, Registers.LabelInRule);
        flows.Add(PipelineTable.In[0], ushort.MaxValue - 1, Match.Any.With(Registers.Flags, Registers.ToDhcpClient, Registers.ToDhcpClient), PipelineCookie, To(PipelineTable.Commit));
        AddCommit();
        flows.Add(PipelineTable.Reject, 10, Ip4, PipelineCookie, new Meter(RejectMeter.Id), new ToController());
        flows.Add(PipelineTable.Reject, 10, Ip6, PipelineCookie, new Meter(RejectMeter.Id), new ToController());
        flows.Add(PipelineTable.Reject, 0, Match.Any, PipelineCookie);
    }

    private void AddConnection()
    {
        FlowAction[] identifyIPv4 =
        [
            Set(Registers.AddressMarker, 0xffff),
            Copy(Field.CtNwSrc, Registers.AddressLow), .. Identify(Registers.Source),
            Copy(Field.CtNwDst, Registers.AddressLow), .. Identify(Registers.Destination),
        ];
        FlowAction[] identifyIPv6 =
        [
            Copy(Field.CtIpv6Src, Registers.Address), .. Identify(Registers.Source),
            Copy(Field.CtIpv6Dst, Registers.Address), .. Identify(Registers.Destination),
        ];
        FlowAction[] servicePort = [Copy(Field.CtNwProto, ServiceKey.Protocol), Copy(Field.CtTpDst, ServiceKey.Port)];
        FlowAction[] serviceIcmp =
        [
            Copy(Field.CtNwProto, ServiceKey.Protocol),
            new Move(new(Field.CtTpSrc, 0, 8), ServiceKey.IcmpType),
            new Move(new(Field.CtTpDst, 0, 8), ServiceKey.IcmpCode),
        ];

        var decide = To(PipelineTable.Out[0]);
        foreach (var (family, protocol, identify) in new[] { (IPv4, IpProtocol.Icmp, identifyIPv4), (IPv6, IpProtocol.IcmpV6, identifyIPv6) })
        {
            var packets = Match.Any.With(Field.CtState, Tracked, Tracked | Invalid).With(Field.EthType, family);
            flows.Add(PipelineTable.Classify, 10, packets, PipelineCookie, [.. identify, .. servicePort, decide]);
            flows.Add(PipelineTable.Classify, 20, packets.With(Field.CtNwProto, protocol), PipelineCookie, [.. identify, .. serviceIcmp, decide]);
        }

        flows.Add(PipelineTable.Classify, 0, Match.Any, PipelineCookie);
        AddSctp(IPv4, [.. identifyIPv4, Copy(Field.CtNwProto, ServiceKey.Protocol)]);
        AddSctp(IPv6, [.. identifyIPv6, Copy(Field.CtNwProto, ServiceKey.Protocol)]);
        flows.Add(PipelineTable.Connection, 0, Match.Any, PipelineCookie, To(PipelineTable.Classify));
        flows.Add(PipelineTable.Identify, 0, Match.Any, PipelineCookie, Set(Registers.FoundClass, 0), Set(Registers.FoundOwner, 0));
    }

    /// <summary>
    /// SCTP is decided packet by packet, by its own ports and never by what is established: the connection tracking of the
    /// userspace datapath does not know SCTP's ports, so to it all SCTP between two addresses is one connection.
    /// </summary>
    private void AddSctp(ushort family, FlowAction[] identify)
    {
        foreach (var (state, destinationPort) in new[] { (0u, Field.SctpDst), (Reply, Field.SctpSrc) })
        {
            flows.Add(
                PipelineTable.Connection,
                95,
                Match.Any.With(Field.CtState, Tracked | state, Tracked | Invalid | Reply).With(Field.EthType, family).With(Field.IpProto, IpProtocol.Sctp),
                PipelineCookie,
                [.. identify, Copy(destinationPort, ServiceKey.Port), To(PipelineTable.Out[0])]);
        }
    }

    private static FlowAction[] Identify(Field keep) => [new Resubmit(PipelineTable.Identify.Id), Copy(Registers.Found, keep)];

    /// <summary>A side that does not exist is skipped; a tier in which no rule counts leads to the next, the last to the default action.</summary>
    private void AddTierJoints(RuleSide side, Subfield label)
    {
        var (tiers, defaults, owner, allowed) = (side.Tiers, side.Defaults, side.Owner, side.Allowed);
        flows.Add(tiers[0], ushort.MaxValue, Match.Any.With(owner, 0), PipelineCookie, To(allowed));
        for (var i = 0; i < tiers.Count; i++)
        {
            flows.Add(tiers[i], 0, Match.Any, PipelineCookie, To(i + 1 < tiers.Count ? tiers[i + 1] : defaults));
        }

        // What a rule keeps stands against all but the first tier.
        var keeps = (UInt128)Registers.KeepingRule << label.Offset;
        flows.Add(tiers[1], ushort.MaxValue, Match.Any.With(Field.CtLabel, keeps, keeps), PipelineCookie, new Move(label, new(side.RuleRegister, 0, label.Bits)), To(allowed));

        foreach (var tenant in view.Tenants.Where(t => view.State.DefaultActionOf(t) == DefaultAction.Allow))
        {
            flows.Add(defaults, 100, Match.Any.With(owner, numbers.OfTenant(tenant)), DefaultCookie, To(allowed));
        }

        flows.Add(defaults, 0, Match.Any, DefaultCookie);
    }

    /// <summary>A related packet (an ICMP error) is decided as its connection is, but enters none of its own.</summary>
    private void AddCommit()
    {
        var table = PipelineTable.Commit;
        flows.Add(table, 20, Match.Any.With(Field.CtState, Tracked | Related, Tracked | Related), PipelineCookie, RememberReply, To(PipelineTable.DeliveryGuard));
        flows.Add(table, 0, Match.Any, PipelineCookie);
    }
}
