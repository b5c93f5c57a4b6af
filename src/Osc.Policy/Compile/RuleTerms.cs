using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Compile;

/// <summary>
/// What a rule's flows match besides the owner, in numbers. null: anything. An empty dimension: nothing can match, and there
/// are no flows.
/// </summary>
/// <param name="Enforced">Classes of the side's own address.</param>
/// <param name="Named">Classes of the far end.</param>
/// <param name="Ranges">Ranges of the far end besides those classes; none if <paramref name="Named"/> is null.</param>
/// <param name="Services">Service keys.</param>
internal sealed record RuleTerms(
    IReadOnlyList<uint>? Enforced,
    IReadOnlyList<uint>? Named,
    IReadOnlyList<Prefix> Ranges,
    IReadOnlyList<(uint Value, uint Mask)>? Services)
{
    private const uint Tracked = 0x20;
    private const uint Invalid = 0x10;

    /// <summary>
    /// The restrictions, dimension by dimension, as alternatives of a match. A range is matched on the connection's own
    /// address: it needs no class, and cuts none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<FieldMatch[]>> Alternatives(RuleSide side)
    {
        var outSide = side.Direction == Direction.Out;
        var dimensions = new List<IReadOnlyList<FieldMatch[]>>();
        if (Enforced is not null)
        {
            dimensions.Add([.. Enforced.Select(c => Exactly(outSide ? Registers.SourceClass : Registers.DestinationClass, c))]);
        }

        if (Named is not null)
        {
            var farClass = outSide ? Registers.DestinationClass : Registers.SourceClass;
            dimensions.Add([.. Named.Select(c => Exactly(farClass, c)), .. Ranges.Select(r => InRange(r, outSide))]);
        }

        if (Services is not null)
        {
            dimensions.Add([.. Services.Select(s => new FieldMatch[] { new(Registers.Service, s.Value, s.Mask) })]);
        }

        return dimensions;
    }

    private static FieldMatch[] Exactly(Field field, uint value) => [new(field, value, field.FullMask)];

    private static FieldMatch[] InRange(Prefix range, bool isDestination)
    {
        var isIPv4 = range.Family == IpFamily.IPv4;
        var address = isIPv4
            ? new FieldMatch(isDestination ? Field.CtNwDst : Field.CtNwSrc, range.Network.IPv4Bits, (uint)range.Mask)
            : new FieldMatch(isDestination ? Field.CtIpv6Dst : Field.CtIpv6Src, range.Network.Bits, range.Mask);
        return
        [
            new(Field.EthType, isIPv4 ? Terms.IPv4 : Terms.IPv6, Field.EthType.FullMask),
            new(Field.CtState, Tracked, Tracked | Invalid), // the fields of connection tracking are there then only (ovs-fields(7))
            address,
        ];
    }
}
