using Osc.Flows;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>What a lookup wrote for some addresses.</summary>
/// <param name="Class">reg0 afterwards; null: what it was before.</param>
/// <param name="Owner">reg1 afterwards; null: what it was before.</param>
internal readonly record struct LookupResult(uint? Class, uint? Owner)
{
    public bool IsWhole => Class is not null && Owner is not null;

    /// <summary>With what was there before, where nothing was written.</summary>
    public LookupResult Over(LookupResult before) => new(Class ?? before.Class, Owner ?? before.Owner);
}

/// <summary>The addresses that agree with a value on the bits of a mask.</summary>
internal readonly record struct MaskedAddress(UInt128 Value, UInt128 Mask)
{
    /// <summary>The lowest of them that is not below an address; null where there is none.</summary>
    public UInt128? FirstFrom(UInt128 start)
    {
        var differs = (start ^ Value) & Mask;
        if (differs == 0)
        {
            return start;
        }

        var bit = 127 - (int)UInt128.LeadingZeroCount(differs);
        if (((Value >> bit) & 1) == 0)
        {
            // The value is below here: a free bit above must go up.
            do
            {
                if (++bit == 128)
                {
                    return null;
                }
            }
            while ((((Mask | start) >> bit) & 1) != 0);
            start |= UInt128.One << bit;
        }

        var below = (UInt128.One << bit) - 1;
        return (start & ~below & ~Mask) | Value;
    }
}

/// <summary>A flow of the lookup table as ranges of addresses of one family.</summary>
/// <param name="Key">The flow's.</param>
/// <param name="Irregular">Where its addresses are too scattered for ranges: then there are none yet.</param>
internal sealed record LookupRange(FlowKey Key, Interval<UInt128>[] Ranges, int Priority, LookupResult Result, MaskedAddress? Irregular = null)
{
    private const int AddressRegister = 12;

    /// <summary>The lookups of a table for packets with these registers, by priority upwards; null: a flow does something else than writing reg0 and reg1.</summary>
    public static IReadOnlyList<LookupRange>? Of(IEnumerable<Flow> flows, uint[] registers, IpFamily family)
    {
        var result = new List<LookupRange>();
        foreach (var flow in flows.OrderBy(f => f.Priority))
        {
            UInt128 value = 0, mask = 0;
            var counts = flow.Match.InPort is null;
            foreach (var field in flow.Match.Fields)
            {
                if (RegisterNumber.Of(field.Field) is { } register)
                {
                    if (register >= AddressRegister)
                    {
                        var shift = 32 * (15 - register);
                        (value, mask) = (value | (field.Value << shift), mask | (field.Mask << shift));
                    }
                    else if (register is 0 or 1)
                    {
                        return null;
                    }
                    else
                    {
                        counts &= field.Matches(registers[register]);
                    }
                }
                else
                {
                    return null;
                }
            }

            if (!counts)
            {
                continue;
            }

            var isRegular = Constraint.IsRegular(mask, family == IpFamily.IPv4 ? uint.MaxValue : UInt128.MaxValue);
            var ranges = isRegular ? RangesOf(value, mask, family) : [];
            if (isRegular && ranges.Length == 0)
            {
                continue;
            }

            if (ResultOf(flow) is not { } found || (!isRegular && result.Any(r => r.Irregular is not null)))
            {
                return null;
            }

            result.Add(new(flow.Key, ranges, flow.Priority, found, isRegular ? null : new(value, mask)));
        }

        return result;
    }

    /// <summary>Lookups after a change, by priority upwards.</summary>
    /// <param name="known">Those before.</param>
    /// <param name="removed">Flows that went, lookups or not.</param>
    /// <param name="added">Lookups that came, by priority upwards.</param>
    public static IReadOnlyList<LookupRange> With(IReadOnlyList<LookupRange> known, IEnumerable<Flow> removed, IReadOnlyList<LookupRange> added)
    {
        var gone = removed.Select(f => f.Key).ToHashSet();
        var result = new List<LookupRange>(known.Count + added.Count);
        var next = 0;
        foreach (var lookup in known)
        {
            for (; next < added.Count && added[next].Priority < lookup.Priority; next++)
            {
                result.Add(added[next]);
            }

            if (!gone.Contains(lookup.Key))
            {
                result.Add(lookup);
            }
        }

        result.AddRange(added.Skip(next));
        return result;
    }

    private static LookupResult? ResultOf(Flow flow)
    {
        var (values, written) = (new uint[16], new uint[16]);
        foreach (var action in flow.Actions)
        {
            if (action is not SetField set || (set.Field.FirstRegister ?? RegisterNumber.Of(set.Field)) is not { } first || first > 1 || (first == 0 && set.Field.Bits > 64))
            {
                return null;
            }

            RegisterWrite.Apply(set, values);
            RegisterWrite.Apply(new SetField(set.Field, set.Mask, set.Mask), written);
        }

        return written.Any(w => w is not (0 or uint.MaxValue)) ? null : new(written[0] == 0 ? null : values[0], written[1] == 0 ? null : values[1]);
    }

    /// <summary>IPv4 is asked for under ::ffff:0:0/96, so all its upper bits are known.</summary>
    private static Interval<UInt128>[] RangesOf(UInt128 value, UInt128 mask, IpFamily family)
    {
        if (family == IpFamily.IPv6)
        {
            return Intervals.Intersect(Constraint.IntervalsOf(value, mask, UInt128.MaxValue), AddressSet.IPv6.Ranges);
        }

        var marker = Prefix.AllIPv4.Network.Bits;
        if (((value ^ marker) & mask & ~(UInt128)uint.MaxValue) != 0)
        {
            return [];
        }

        return Array.ConvertAll(
            Constraint.IntervalsOf(value & uint.MaxValue, mask & uint.MaxValue, uint.MaxValue),
            r => new Interval<UInt128>(marker | r.First, marker | r.Last));
    }
}
