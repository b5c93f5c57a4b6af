using System.Globalization;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Explain;

/// <summary>
/// Which of a bridge's flows carry what a side decided for a connection: those that tell the classes of its two addresses, and
/// those of the deciding rule, or of the default action, that the connection meets. Read off the flows themselves: what a flow
/// asks of the connection must hold, what it asks of anything else is left open.
/// </summary>
public sealed class CarryingFlows
{
    private readonly FlowSet flows;
    private readonly HostNumbering numbering;
    private readonly Connection connection;
    private readonly Dictionary<Field, UInt128> known = [];
    private readonly Flow? source;
    private readonly Flow? destination;

    private CarryingFlows(BridgeFlows bridge, HostNumbering numbering, Connection connection)
    {
        flows = bridge.Flows;
        this.numbering = numbering;
        this.connection = connection;
        source = Identify(bridge.Bridge, connection.Source);
        destination = Identify(bridge.Bridge, connection.Destination);
        Know(source, Registers.SourceClass, Registers.SourceOwner);
        Know(destination, Registers.DestinationClass, Registers.DestinationOwner);
        KnowConnection();
    }

    /// <param name="state">What the flows were compiled from.</param>
    /// <param name="host">The host that the side's interface is attached to.</param>
    /// <param name="connection">What was explained.</param>
    /// <param name="side">One of the explanation's sides.</param>
    /// <param name="direction">Which.</param>
    /// <returns>In table order; none where the interface is attached nowhere.</returns>
    public static IReadOnlyList<CarryingFlow> Of(State state, CompiledHost host, Connection connection, ExplainedSide side, Direction direction)
    {
        if (side.Interface.Interface.Attachment is not { } at || (at.Bridge ?? state.Host(at.Host)?.Bridges[0].Name) is not { } bridge || host.Flows.Find(bridge) is not { } found)
        {
            return [];
        }

        var carrying = new CarryingFlows(found, host.Numbering, connection);
        var deciding = side.Decision.Rule is { } rule
            ? carrying.OfRule(rule, (direction == Direction.Out ? PipelineTable.Out : PipelineTable.In)[(int)side.Tiers[^1].Tier])
            : carrying.OfDefault(direction == Direction.Out ? PipelineTable.OutDefault : PipelineTable.InDefault);
        return [.. Answer("source", carrying.source), .. Answer("destination", carrying.destination), .. deciding];
    }

    private IEnumerable<CarryingFlow> OfRule(RuleKey rule, PipelineTable table)
    {
        if (!numbering.Rules.ByName.TryGetValue(rule.ToString(), out var number))
        {
            return [];
        }

        known[Field.ConjunctionId] = number;
        return flows.Where(f => f.Table == table.Id && FlowCookie.Of(f.Cookie).Rule == number && Fits(f.Match)).SelectMany(f => Answer("rule", f));
    }

    private IEnumerable<CarryingFlow> OfDefault(PipelineTable table) =>
        flows.Where(f => f.Table == table.Id && FlowCookie.Of(f.Cookie).Purpose == FlowPurpose.Default && Fits(f.Match)).Take(1).SelectMany(f => Answer("default", f));

    /// <summary>The flow that tells an address's class; null where none does, which is the class of addresses that nobody names.</summary>
    private Flow? Identify(PortName bridge, IpAddress address)
    {
        if (!numbering.Zones.ByName.TryGetValue(BridgeNumbers.ZoneKey(bridge, connection.Vrf), out var zone))
        {
            return null;
        }

        known[Registers.Zone] = zone;
        for (var i = 0; i < 4; i++)
        {
            known[Field.Registers[12 + i]] = (uint)(address.Bits >> (96 - (32 * i)));
        }

        // Flows stand in order of priority.
        return flows.FirstOrDefault(f => f.Table == PipelineTable.Identify.Id && FlowCookie.Of(f.Cookie).Purpose == FlowPurpose.Identity && Fits(f.Match));
    }

    private void Know(Flow? identity, Field classRegister, Field ownerRegister)
    {
        known[classRegister] = ValueOf(identity, Registers.FoundClass);
        known[ownerRegister] = ValueOf(identity, Registers.FoundOwner);
    }

    private void KnowConnection()
    {
        known[Registers.Service] = IpProtocol.HasIcmpType(connection.Protocol)
            ? ServiceKey.OfIcmp(connection.Protocol, connection.IcmpType, connection.IcmpCode)
            : ServiceKey.OfPort(connection.Protocol, connection.DestinationPort);
        known[Field.CtNwProto] = connection.Protocol;
        var isIPv4 = connection.Source.IsIPv4;
        known[Field.EthType] = isIPv4 ? 0x0800u : 0x86ddu;
        known[isIPv4 ? Field.CtNwSrc : Field.CtIpv6Src] = isIPv4 ? connection.Source.IPv4Bits : connection.Source.Bits;
        known[isIPv4 ? Field.CtNwDst : Field.CtIpv6Dst] = isIPv4 ? connection.Destination.IPv4Bits : connection.Destination.Bits;
    }

    private bool Fits(Match match)
    {
        foreach (var field in match.Fields)
        {
            if (known.TryGetValue(field.Field, out var value) && !field.Matches(value))
            {
                return false;
            }
        }

        return true;
    }

    private static UInt128 ValueOf(Flow? identity, Field register) =>
        identity?.Actions.OfType<SetField>().FirstOrDefault(s => ReferenceEquals(s.Field, register))?.Value ?? 0;

    private static IEnumerable<CarryingFlow> Answer(string what, Flow? flow)
    {
        if (flow is not null)
        {
            yield return new(
                what,
                flow.Table,
                PipelineTable.All.First(t => t.Id == flow.Table).Name,
                flow.Priority,
                flow.Match.ToString(),
                string.Create(CultureInfo.InvariantCulture, $"0x{flow.Cookie:x}"));
        }
    }
}
