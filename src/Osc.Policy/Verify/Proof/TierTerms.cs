using System.Diagnostics.CodeAnalysis;
using Osc.Flows;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Classes of addresses, and what the registers carry of each as source and as destination.</summary>
internal sealed record TierClasses(IReadOnlyList<AddressClass> All, IReadOnlyList<LookupResult> SourceResults, IReadOnlyList<LookupResult> DestinationResults)
{
    /// <summary>
    /// The source is looked up first. Where a lookup writes nothing, the source has what was there before, and the destination
    /// what the source has: then there is one answer for each of the sources' results, and it is about those sources only.
    /// </summary>
    /// <param name="before">What the registers carry before the first lookup.</param>
    public static IEnumerable<(TierClasses Classes, Func<int, bool> IsSource)> Of(IReadOnlyList<AddressClass> all, LookupResult before)
    {
        LookupResult[] sources = [.. all.Select(c => c.Found.Over(before))];
        if (all.All(c => c.Found.IsWhole))
        {
            return [(new(all, sources, sources), _ => true)];
        }

        return sources.Distinct().Select(source => (
            new TierClasses(all, sources, [.. all.Select(c => c.Found.Over(source))]),
            (Func<int, bool>)(c => sources[c] == source)));
    }
}

/// <summary>Turns a match of a deciding table into classes and services, by where each register's bits come from.</summary>
internal sealed class TierTerms
{
    private readonly DecideInput input;
    private readonly IpFamily family;
    private readonly uint ctState;
    private readonly ServiceForm form;
    private readonly TierClasses classes;
    private readonly DecisionSpace space;
    private readonly Dictionary<FieldMatch, ClassBox?> byMatch = [];
    private readonly Dictionary<(LookupEnd End, int Result, uint Value, uint Mask), ulong[]> byResult = [];
    private readonly Dictionary<(LookupEnd End, int Result), ILookup<uint, int>> exact = [];
    private readonly Dictionary<(uint Value, uint Mask), ServiceSet> services = [];

    /// <param name="input">What the registers carry.</param>
    /// <param name="form">Where the connections in question carry their service.</param>
    /// <param name="ctState">One of the states of the connections in question; flows tell none of them apart.</param>
    public TierTerms(DecideInput input, ServiceForm form, uint ctState, TierClasses classes, DecisionSpace space)
    {
        this.input = input;
        this.form = form;
        this.ctState = ctState;
        this.classes = classes;
        this.space = space;
        family = space.Family;
    }

    /// <summary>The addresses that a match of a connection's address asks for; null: of the other family.</summary>
    public static AddressSet? RangeOf(FieldMatch match, IpFamily family)
    {
        var isIPv4 = match.Field == Field.CtNwSrc || match.Field == Field.CtNwDst;
        if (isIPv4 != (family == IpFamily.IPv4))
        {
            return null;
        }

        var marker = isIPv4 ? Prefix.AllIPv4.Network.Bits : UInt128.Zero;
        return AddressSet.OfRanges(Constraint.IntervalsOf(match.Value, match.Mask, match.Field.FullMask).Select(r => new Interval<UInt128>(marker | r.First, marker | r.Last)))
            .Intersect(AddressSet.OfFamily(family));
    }

    public static bool IsAddress(Field field) => field == Field.CtNwSrc || field == Field.CtNwDst || field == Field.CtIpv6Src || field == Field.CtIpv6Dst;

    /// <summary>False: the match asks for something that the way here does not tell.</summary>
    public bool TryBox(Flow flow, [NotNullWhen(true)] out ClassBox? box)
    {
        box = flow.Match.InPort is null ? ClassBox.All : null;
        foreach (var field in flow.Match.Fields)
        {
            if (box is null)
            {
                return false;
            }

            box = TermOf(field) is { } term ? box.And(term) : null;
        }

        return box is not null;
    }

    /// <summary>The connections that one field's match asks for; null: something that the way here does not tell.</summary>
    public ClassBox? TermOf(FieldMatch match)
    {
        if (!byMatch.TryGetValue(match, out var term))
        {
            byMatch.Add(match, term = BoxOf(match));
        }

        return term;
    }

    private ClassBox? BoxOf(FieldMatch match)
    {
        if (RegisterNumber.Of(match.Field) is { } register)
        {
            return OfRegister(register, match);
        }

        if (IsAddress(match.Field))
        {
            var isSource = match.Field == Field.CtNwSrc || match.Field == Field.CtIpv6Src;
            return !space.Ranges.TryGetValue(match, out var range) ? Nothing
                : isSource ? ClassBox.All with { Sources = space.Partition.In(range) }
                : ClassBox.All with { Destinations = space.Partition.In(range) };
        }

        if (match.Field == Field.EthType)
        {
            return Settled(match.Matches(family == IpFamily.IPv4 ? 0x0800u : 0x86ddu));
        }

        if (match.Field == Field.CtState)
        {
            return Settled(match.Matches(ctState));
        }

        return match.Field == Field.ConjunctionId ? ClassBox.All
            : match.Field == Field.CtNwProto ? ClassBox.All with { Services = ServicesOf((uint)match.Value << 16, (uint)match.Mask << 16) }
            : null;
    }

    private static ClassBox Nothing => ClassBox.All with { Services = ServiceSet.Empty };

    private static ClassBox Settled(bool holds) => holds ? ClassBox.All : Nothing;

    private ClassBox? OfRegister(int register, FieldMatch match)
    {
        var box = ClassBox.All;
        uint serviceValue = 0, serviceMask = 0;
        var asked = new Dictionary<BitSource, (uint Value, uint Mask)>();
        for (var bit = 0; bit < 32; bit++)
        {
            var set = 1u << bit;
            if (((uint)match.Mask & set) == 0)
            {
                continue;
            }

            var source = input[register, bit];
            var wanted = (uint)match.Value & set;
            switch (source.Origin)
            {
                case BitOrigin.Zero or BitOrigin.One when (source.Origin == BitOrigin.One) != (wanted != 0):
                    return Nothing;
                case BitOrigin.Zero or BitOrigin.One:
                    break;
                case BitOrigin.Lookup when source.Bit == bit && input.EndOf(source) != LookupEnd.Unknown:
                    var key = source with { Bit = 0 };
                    var sofar = asked.GetValueOrDefault(key);
                    asked[key] = (sofar.Value | wanted, sofar.Mask | set);
                    break;
                case BitOrigin.Packet when DecideInput.ServiceBit(source, form) is { } place:
                    (serviceValue, serviceMask) = (serviceValue | (wanted == 0 ? 0 : 1u << place), serviceMask | (1u << place));
                    break;
                default:
                    return null;
            }
        }

        foreach (var (source, (value, mask)) in asked)
        {
            var end = input.EndOf(source);
            var members = WithResult(end, source.Index % 2, value, mask);
            box = box.And(end == LookupEnd.Source ? new(members, null, ServiceSet.All) : new(null, members, ServiceSet.All));
        }

        return serviceMask == 0 ? box : box with { Services = ServicesOf(serviceValue, serviceMask) };
    }

    private ulong[] WithResult(LookupEnd end, int result, uint value, uint mask)
    {
        if (!byResult.TryGetValue((end, result, value, mask), out var members))
        {
            var results = end == LookupEnd.Source ? classes.SourceResults : classes.DestinationResults;
            members = new ulong[(results.Count + 63) / 64];
            if (!exact.TryGetValue((end, result), out var byValue))
            {
                exact.Add((end, result), byValue = Enumerable.Range(0, results.Count).ToLookup(c => (result == 0 ? results[c].Class : results[c].Owner) ?? throw new InvalidOperationException("a lookup left open what is found")));
            }

            foreach (var found in mask == uint.MaxValue ? byValue[value] : byValue.Where(v => (v.Key & mask) == value).SelectMany(v => v))
            {
                ClassBits.Set(members, found);
            }

            byResult.Add((end, result, value, mask), members);
        }

        return members;
    }

    private ServiceSet ServicesOf(uint value, uint mask)
    {
        if (!services.TryGetValue((value, mask), out var set))
        {
            services.Add((value, mask), set = ServiceSet.OfMask(value, mask));
        }

        return set;
    }
}
