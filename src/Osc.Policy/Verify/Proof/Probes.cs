using Osc.Flows;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Packets that come into connection tracking in a state.</summary>
internal sealed class TrackedProbes(BridgeSpec bridge, Judge judge)
{
    private const byte Unreachable = 3;
    private const byte UnreachableV6 = 1;

    private static readonly Constraint AnyProtocol = Constraint.In(Field.IpProto, new Interval<UInt128>(0, byte.MaxValue));

    public IEnumerable<Probe> Of(TrackedDoubt doubt)
    {
        var state = (uint)doubt.Cube.SampleOf(Field.CtState);
        if (state is ConnectionSpec.Related or ConnectionSpec.RelatedReply)
        {
            doubt = doubt with { Cube = doubt.Cube.Replace(AnyProtocol) }; // an error reports packets of any
        }

        foreach (var likely in new LikelyPackets(bridge).At(doubt.Passage.Port, doubt.Passage.Arrival.Network))
        {
            var packet = Probe.PacketOf(doubt.Cube, likely);
            packet = packet.Reported is null && ConnectionProtocol(doubt.Cube, packet) is { } protocol ? LikelyPackets.Of(packet.Source, packet.Destination, protocol, 0) with
            {
                EthSrc = packet.EthSrc,
                EthDst = packet.EthDst,
                Vlan = packet.Vlan,
                TunnelId = packet.TunnelId,
            } : packet;
            foreach (var probe in In(doubt, packet, state))
            {
                yield return probe;
            }
        }
    }

    /// <summary>A new connection's protocol is its packet's.</summary>
    private static byte? ConnectionProtocol(PacketCube cube, Packet packet)
    {
        var protocols = cube[Field.CtNwProto];
        return Intervals.Contains(protocols, (UInt128)packet.Protocol) || protocols[0].First > byte.MaxValue ? null : (byte)protocols[0].First;
    }

    private IEnumerable<Probe> In(TrackedDoubt doubt, Packet packet, uint state)
    {
        var port = doubt.Passage.Port;
        var mark = (uint)doubt.Cube.SampleOf(Field.CtMark);
        foreach (var epoch in new[] { mark, judge.Mark, judge.StaleMark }.Distinct())
        {
            switch (state)
            {
                case ConnectionSpec.Invalid:
                    yield return new(port, packet with { IsInvalid = true });
                    break;
                case ConnectionSpec.New:
                    yield return new(port, packet);
                    break;
                case ConnectionSpec.Established when Packet.HasReply(packet):
                    yield return new(port, packet, new(packet, doubt.Passage.Zone, epoch));
                    break;
                case ConnectionSpec.EstablishedReply when Packet.HasReply(packet):
                    yield return new(port, packet, new(Packet.ReplyTo(packet), doubt.Passage.Zone, epoch));
                    break;
                case ConnectionSpec.Related or ConnectionSpec.RelatedReply when !packet.IsIcmp:
                    // An error about a packet goes against it: as a reply, if that one was the connection's first direction.
                    foreach (var receiver in Receivers(packet))
                    {
                        var reported = Packet.ReplyTo(packet) with { Destination = receiver };
                        var error = Packet.IcmpError(reported, new(packet.EthSrc, packet.Source), packet.IsIPv4 ? Unreachable : UnreachableV6, 1) with
                        {
                            EthDst = packet.EthDst,
                            Vlan = packet.Vlan,
                            TunnelId = packet.TunnelId,
                        };
                        yield return new(port, error, new(state == ConnectionSpec.RelatedReply ? reported : Packet.ReplyTo(reported), doubt.Passage.Zone, epoch));
                    }

                    break;
            }
        }
    }

    /// <summary>Who may have received the packet that an error reports: its sender, another who is here, somebody outside.</summary>
    private IEnumerable<IpAddress> Receivers(Packet packet)
    {
        var others = bridge.Interfaces.SelectMany(i => i.Interface.Addresses).Where(a => a.Family == packet.Source.Family && a != packet.Source && a != packet.Destination);
        return others.Take(1).Append(LikelyPackets.Outside(packet.Source.Family)).Prepend(packet.Source);
    }
}

/// <summary>Packets that come to delivery: past policy, since their connection is open.</summary>
internal sealed class DeliveryProbes(BridgeSpec bridge, Judge judge)
{
    public IEnumerable<Probe> Of(Passage passage, PacketCube cube)
    {
        foreach (var likely in new LikelyPackets(bridge).At(passage.Port, passage.Arrival.Network))
        {
            if (passage.Arrival.Kind == ArrivalKind.Forward)
            {
                yield return new(passage.Port, Probe.PacketOf(cube, Arp(likely)));
                continue;
            }

            var packet = Probe.PacketOf(cube, likely);
            yield return new(passage.Port, packet);
            if (passage.Arrival.Kind == ArrivalKind.Track && Packet.HasReply(packet))
            {
                yield return new(passage.Port, packet, new(packet, passage.Zone, judge.Mark));
            }
            else if (packet.IsIp)
            {
                var (client, server) = packet.IsIPv4 ? (68, 67) : (546, 547);
                yield return new(passage.Port, packet with { Protocol = IpProtocol.Udp, SourcePort = (ushort)client, DestinationPort = (ushort)server, IcmpType = 0, IcmpCode = 0, IcmpId = 0 });
            }
        }
    }

    private static Packet Arp(Packet likely) => likely with
    {
        EthType = EtherType.Arp,
        ArpOperation = 1,
        ArpSha = likely.EthSrc,
        ArpSpa = likely.Source.IsIPv4 ? likely.Source : IpAddress.FromIPv4(0),
        ArpTpa = IpAddress.FromIPv4(1),
    };
}

/// <summary>Packets that are decided.</summary>
internal sealed class DecisionProbes(BridgeSpec bridge, Judge judge, PlannedDecision decision)
{
    private const int MaxEach = 12;

    public IEnumerable<Probe> Of(DecisionGap gap) =>
        from service in gap.Services.Ranges.ToArray().SelectMany(r => new[] { r.First, r.Last }).Distinct().Take(MaxEach)
        from source in gap.Source.Samples
        from destination in gap.Destination.Samples
        from probe in Of(IpAddress.FromBits(source), IpAddress.FromBits(destination), service)
        select probe;

    /// <summary>Where nothing is known but that something may be wrong: those who are here, to and from them and others.</summary>
    public IEnumerable<Probe> Everywhere(DecisionSpec spec)
    {
        var local = spec.Locals.Keys.Select(IpAddress.FromBits).ToArray();
        var far = spec.FarSets.Values.SelectMany(s => s.Ranges.ToArray()).Select(r => IpAddress.FromBits(r.First)).Concat(local).Distinct().Take(40).ToArray();
        uint[] services = [.. spec.OutRules.Concat(spec.InRules).Select(r => r.Services).Where(s => !s.IsEmpty).Select(s => s.Sample).Append(((uint)IpProtocol.Tcp << 16) | 1).Prepend(decision.Services.Sample).Distinct().Take(MaxEach)];
        return local.SelectMany(a => far.SelectMany(b => services.SelectMany(s => Of(a, b, s).Concat(Of(b, a, s)))));
    }

    private IEnumerable<Probe> Of(IpAddress source, IpAddress destination, uint service)
    {
        var original = LikelyPackets.Of(source, destination, (byte)(service >> 16), (ushort)service);
        var isReply = decision.CtState is ConnectionSpec.EstablishedReply or ConnectionSpec.RelatedReply;
        if (decision.Passage.Arrival.ToDhcpClient)
        {
            // A server's answer: the connection's first packet, or the reply to a client's question.
            isReply = original.DestinationPort is 67 or 547;
            original = original with { SourcePort = (ushort)(original.DestinationPort switch { 67 => 68, 68 => 67, 547 => 546, _ => 547 }) };
        }

        if (isReply && !Packet.HasReply(original))
        {
            return [];
        }

        var open = (isReply || decision.CtState != ConnectionSpec.New) && Packet.HasReply(original)
            ? new OpenConnection(original, judge.Zones.GetValueOrDefault(decision.Passage.Arrival.Network!.Vrf), judge.StaleMark) // what is decided has a network
            : null;
        return Placed(isReply ? Packet.ReplyTo(original) : original, open);
    }

    /// <summary>The packet where it may come in: at its sender's port, and from outside.</summary>
    private IEnumerable<Probe> Placed(Packet packet, OpenConnection? open)
    {
        var arrival = decision.Passage.Arrival;
        var vrf = arrival.Network!.Vrf; // what is decided has a network
        var to = bridge.ByAddress.GetValueOrDefault((vrf, packet.Destination));
        if (bridge.ByAddress.TryGetValue((vrf, packet.Source), out var from))
        {
            var mac = to is not null && to.Network.QualifiedName == from.Network.QualifiedName ? to.Interface.Mac : LikelyPackets.Router;
            yield return new(BridgeSpec.PortOf(from), packet with { EthSrc = from.Interface.Mac, EthDst = mac }, open);
        }

        var network = to?.Network ?? arrival.Network;
        foreach (var uplink in bridge.Bridge.Uplinks.Take(1))
        {
            yield return new(uplink, packet with
            {
                EthSrc = LikelyPackets.Router,
                EthDst = to?.Interface.Mac ?? LikelyPackets.Router,
                Vlan = network.Segment.Type == Model.Documents.SegmentType.Vlan ? (ushort)network.Segment.Id : null,
                TunnelId = network.Segment.Type == Model.Documents.SegmentType.Vni ? (ulong)network.Segment.Id : 0,
            }, open);
        }
    }
}
