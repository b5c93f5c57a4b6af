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

/// <summary>Addresses that neither flows nor documents tell apart.</summary>
/// <param name="Local">The number of the local party that has them; -1: none.</param>
/// <param name="Members">A bit for each set of the question that they are in.</param>
internal sealed record AddressClass(LookupResult Found, int Local, ulong[] Members, List<UInt128> Samples)
{
    public bool IsIn(int set) => (Members[set / 64] & (1UL << (set % 64))) != 0;
}

/// <summary>
/// One family's addresses in one zone cut by what flows find for them, by the ranges that flows match, and by the sets that
/// documents name; and put together into classes again.
/// </summary>
internal sealed class AddressPartition
{
    private const int MaxSamples = 3;

    private AddressPartition(IReadOnlyList<AddressClass> classes, UInt128? ambiguous)
    {
        Classes = classes;
        Ambiguous = ambiguous;
    }

    public IReadOnlyList<AddressClass> Classes { get; }

    /// <summary>An address for which two flows of one priority say different things; null if there is none.</summary>
    public UInt128? Ambiguous { get; }

    /// <param name="family">Whose addresses are cut.</param>
    /// <param name="lookups">Ranges that flows look up, by priority upwards, with what they say.</param>
    /// <param name="sets">The sets in question, within the family.</param>
    /// <param name="locals">Local addresses with their party's number.</param>
    public static AddressPartition Of(IpFamily family, IReadOnlyList<LookupRange> lookups, IReadOnlyList<AddressSet> sets, IReadOnlyDictionary<UInt128, int> locals)
    {
        var space = AddressSet.OfFamily(family);
        var starts = new List<UInt128>();
        AddStarts(starts, space);
        foreach (var set in sets)
        {
            AddStarts(starts, set);
        }

        foreach (var lookup in lookups)
        {
            foreach (var range in lookup.Ranges)
            {
                AddStarts(starts, range);
            }
        }

        foreach (var address in locals.Keys)
        {
            AddStarts(starts, new Interval<UInt128>(address, address));
        }

        UInt128[] atoms = [.. starts.Where(s => space.Contains(IpAddress.FromBits(s))).Distinct().Order()];
        lookups = [.. lookups.Select(l => l.Irregular is null ? l : l with { Ranges = Witnesses(l, space, ref atoms) })];
        var (found, ambiguous) = Paint(atoms, lookups);
        return new(Classify(atoms, found, sets, locals), ambiguous is { } at ? atoms[at] : null);
    }

    /// <summary>
    /// Addresses that agree on the bits of a mask with holes lie scattered. Of those between two cuts one stands for all, and has a
    /// cut of its own; that is exact for one such mask at a time.
    /// </summary>
    private static Interval<UInt128>[] Witnesses(LookupRange lookup, AddressSet space, ref UInt128[] atoms)
    {
        var witnesses = new List<Interval<UInt128>>();
        var cuts = new List<UInt128>(atoms);
        for (var atom = 0; atom < atoms.Length; atom++)
        {
            var last = atom + 1 < atoms.Length ? atoms[atom + 1] - 1 : UInt128.MaxValue;
            if (lookup.Irregular!.Value.FirstFrom(atoms[atom]) is { } first && first <= last && space.Contains(IpAddress.FromBits(first))) // asked for irregular ones only
            {
                witnesses.Add(new(first, first));
                AddStarts(cuts, witnesses[^1]);
            }
        }

        atoms = [.. cuts.Where(s => space.Contains(IpAddress.FromBits(s))).Distinct().Order()];
        return [.. witnesses];
    }

    private static void AddStarts(List<UInt128> starts, AddressSet set)
    {
        foreach (var range in set.Ranges)
        {
            AddStarts(starts, range);
        }
    }

    private static void AddStarts(List<UInt128> starts, Interval<UInt128> range)
    {
        starts.Add(range.First);
        if (range.Last != UInt128.MaxValue)
        {
            starts.Add(range.Last + 1);
        }
    }

    private static (LookupResult[] Found, int? Ambiguous) Paint(UInt128[] atoms, IReadOnlyList<LookupRange> lookups)
    {
        var found = new LookupResult[atoms.Length];
        var priorities = new int[atoms.Length];
        int? ambiguous = null;
        Array.Fill(priorities, -1);
        foreach (var lookup in lookups)
        {
            foreach (var range in lookup.Ranges)
            {
                var at = Array.BinarySearch(atoms, range.First);
                for (at = at < 0 ? ~at : at; at < atoms.Length && atoms[at] <= range.Last; at++)
                {
                    ambiguous = priorities[at] == lookup.Priority && found[at] != lookup.Result ? at : ambiguous;
                    found[at] = lookup.Result;
                    priorities[at] = lookup.Priority;
                }
            }
        }

        return (found, ambiguous is { } a && IsStillAmbiguous(atoms[a], lookups) ? a : null);
    }

    /// <summary>Whether the two are not both under one of a higher priority.</summary>
    private static bool IsStillAmbiguous(UInt128 address, IReadOnlyList<LookupRange> lookups)
    {
        var best = lookups.Where(l => l.Ranges.Any(r => r.First <= address && address <= r.Last)).GroupBy(l => l.Priority).MaxBy(g => g.Key);
        return best is not null && best.Select(l => l.Result).Distinct().Count() > 1;
    }

    private static List<AddressClass> Classify(UInt128[] atoms, LookupResult[] found, IReadOnlyList<AddressSet> sets, IReadOnlyDictionary<UInt128, int> locals)
    {
        var changes = new List<(UInt128 At, int Set)>();
        for (var set = 0; set < sets.Count; set++)
        {
            foreach (var range in sets[set].Ranges)
            {
                changes.Add((range.First, set));
                if (range.Last != UInt128.MaxValue)
                {
                    changes.Add((range.Last + 1, set));
                }
            }
        }

        changes.Sort(static (a, b) => a.At.CompareTo(b.At));
        var next = 0;
        var members = new ulong[(sets.Count + 63) / 64];
        var classes = new Dictionary<ClassKey, AddressClass>();
        for (var atom = 0; atom < atoms.Length; atom++)
        {
            for (; next < changes.Count && changes[next].At <= atoms[atom]; next++)
            {
                members[changes[next].Set / 64] ^= 1UL << (changes[next].Set % 64);
            }

            var key = new ClassKey(found[atom], locals.GetValueOrDefault(atoms[atom], -1), members);
            if (!classes.TryGetValue(key, out var known))
            {
                var copy = (ulong[])members.Clone();
                classes.Add(new(key.Found, key.Local, copy), known = new(key.Found, key.Local, copy, []));
            }

            if (known.Samples.Count < MaxSamples)
            {
                known.Samples.Add(atoms[atom]);
                if (atom + 1 < atoms.Length && atoms[atom + 1] - atoms[atom] > 1)
                {
                    known.Samples.Add(atoms[atom] + 1); // no cut in between
                }
            }
        }

        return [.. classes.Values];
    }

    private readonly record struct ClassKey(LookupResult Found, int Local, ulong[] Members)
    {
        public bool Equals(ClassKey other) => Found == other.Found && Local == other.Local && Members.AsSpan().SequenceEqual(other.Members);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(Found);
            hash.Add(Local);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(Members));
            return hash.ToHashCode();
        }
    }
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
/// <param name="Irregular">Where its addresses are too scattered for ranges: then there are none yet.</param>
internal sealed record LookupRange(Interval<UInt128>[] Ranges, int Priority, LookupResult Result, MaskedAddress? Irregular = null)
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

            result.Add(new(ranges, flow.Priority, found, isRegular ? null : new(value, mask)));
        }

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
