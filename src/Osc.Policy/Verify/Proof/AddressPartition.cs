using System.Runtime.InteropServices;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Addresses that neither flows nor documents tell apart.</summary>
/// <param name="Local">The number of the local party that has them; -1: none.</param>
/// <param name="Samples">Some of them.</param>
internal sealed record AddressClass(LookupResult Found, int Local, IReadOnlyList<UInt128> Samples)
{
    public IpAddress Sample => IpAddress.FromBits(Samples[0]);
}

/// <summary>
/// One family's addresses in one zone cut by what flows find for them, by the ranges that flows match, and by the sets that
/// documents name; and put together into classes again.
/// </summary>
internal sealed class AddressPartition
{
    private const int MaxSamples = 3;
    private const int MaxKnown = 50_000;

    private readonly IpFamily family;

    /// <summary>Where addresses are cut: each range reaches to the next one, and is of one class.</summary>
    private readonly UInt128[] starts;
    private readonly int[] classAt;

    /// <summary>By the set itself, since sets are long to compare.</summary>
    private readonly Dictionary<AddressSet, ulong[]> bySet = new(ReferenceEqualityComparer.Instance);

    private AddressPartition(IpFamily family, UInt128[] starts, ClassList classes, UInt128? ambiguous)
    {
        this.family = family;
        this.starts = starts;
        classAt = classes.ClassAt;
        Classes = classes.Classes;
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
        var cuts = new List<UInt128>();
        AddStarts(cuts, space);
        foreach (var set in sets)
        {
            AddStarts(cuts, set);
        }

        foreach (var range in lookups.SelectMany(l => l.Ranges).Concat(locals.Keys.Select(a => new Interval<UInt128>(a, a))))
        {
            AddStarts(cuts, range);
        }

        UInt128[] atoms = [.. cuts.Where(s => space.Contains(IpAddress.FromBits(s))).Distinct().Order()];
        lookups = [.. lookups.Select(l => l.Irregular is null ? l : l with { Ranges = Witnesses(l, space, ref atoms) })];
        var (found, ambiguous) = Paint(atoms, lookups);
        var classes = new ClassList(atoms);
        var byKey = new Dictionary<ClassKey, int>();
        var members = new Membership(sets);
        for (var atom = 0; atom < atoms.Length; atom++)
        {
            var key = new ClassKey(found[atom], locals.GetValueOrDefault(atoms[atom], -1), members.At(atoms[atom]));
            if (!byKey.TryGetValue(key, out var number))
            {
                byKey.Add(key with { Members = [.. key.Members] }, number = classes.Add(key.Found, key.Local));
            }

            classes.Put(atom, number);
        }

        return new(family, atoms, classes, ambiguous is { } at ? atoms[at] : null);
    }

    /// <summary>
    /// The partition after a change. The classes of addresses that it does not concern stay, cut further where they have to be.
    /// No lookup is irregular.
    /// </summary>
    /// <param name="moved">The addresses for which lookups may say something else, or that came to a set or left it.</param>
    /// <param name="lookups">All lookups then: outside of the moved addresses the same as before.</param>
    /// <param name="sets">All sets then: outside of the moved addresses, and but for the added ones, no others than before.</param>
    /// <param name="added">Sets among them that did not cut before.</param>
    /// <param name="locals">Local addresses, which are as before, with their party's number then.</param>
    public AddressPartition After(AddressSet moved, IEnumerable<LookupRange> lookups, IReadOnlyList<AddressSet> sets, IReadOnlyList<AddressSet> added, IReadOnlyDictionary<UInt128, int> locals)
    {
        moved = moved.Union(OfMixedParties(locals));
        AddressSet[] within = [.. sets.Select(s => s.Intersect(moved))];
        LookupRange[] near = [.. lookups.Where(l => Intervals.Overlap<UInt128>(l.Ranges, moved.Ranges)).Select(l => l with { Ranges = Intervals.Intersect<UInt128>(l.Ranges, moved.Ranges) })];
        var cuts = new List<UInt128>();
        foreach (var range in within.Concat(added).Append(moved).SelectMany(s => s.Ranges.ToArray()).Concat(near.SelectMany(l => l.Ranges)))
        {
            AddStarts(cuts, range);
        }

        foreach (var address in locals.Keys.Where(a => moved.Contains(IpAddress.FromBits(a))))
        {
            AddStarts(cuts, new Interval<UInt128>(address, address));
        }

        var atoms = Merge(cuts);
        var (found, ambiguous) = Paint(atoms, near);
        var classes = new ClassList(atoms);
        var stayed = new Dictionary<ClassKey, int>();
        var fresh = new Dictionary<ClassKey, List<int>>();
        var (addedTo, memberOf) = (new Membership(added), new Membership(within));
        for (int atom = 0, old = 0; atom < atoms.Length; atom++)
        {
            for (; old + 1 < starts.Length && starts[old + 1] <= atoms[atom]; old++)
            {
            }

            var (inAdded, inSets) = (addedTo.At(atoms[atom]), memberOf.At(atoms[atom]));
            if (moved.Contains(IpAddress.FromBits(atoms[atom])))
            {
                var key = new ClassKey(found[atom], locals.GetValueOrDefault(atoms[atom], -1), inSets);
                if (!fresh.TryGetValue(key, out var alike))
                {
                    fresh.Add(key with { Members = [.. inSets] }, alike = []);
                }

                alike.Add(atom);
                continue;
            }

            var before = new ClassKey(default, classAt[old], inAdded);
            if (!stayed.TryGetValue(before, out var number))
            {
                stayed.Add(before with { Members = [.. inAdded] }, number = classes.Add(Classes[classAt[old]].Found, locals.GetValueOrDefault(atoms[atom], -1)));
            }

            classes.Put(atom, number);
        }

        foreach (var (key, alike) in fresh)
        {
            var number = classes.Like(key, sets) ?? classes.Add(key.Found, key.Local);
            alike.ForEach(atom => classes.Put(atom, number));
        }

        return new(family, atoms, classes, ambiguous is { } at ? atoms[at] : null);
    }

    /// <summary>The classes that are in a set, as bits. It is one of the sets that cut.</summary>
    public ulong[] In(AddressSet set)
    {
        if (!bySet.TryGetValue(set, out var bits))
        {
            if (bySet.Count > MaxKnown)
            {
                bySet.Clear();
            }

            bySet.Add(set, bits = Touching(set));
        }

        return bits;
    }

    /// <summary>The classes that have an address of a set, as bits. Any set will do.</summary>
    public ulong[] Touching(AddressSet set)
    {
        var bits = new ulong[(Classes.Count + 63) / 64];
        foreach (var range in set.Intersect(AddressSet.OfFamily(family)).Ranges)
        {
            for (var at = At(range.First); at < starts.Length && starts[at] <= range.Last; at++)
            {
                ClassBits.Set(bits, classAt[at]);
            }
        }

        return bits;
    }

    private int At(UInt128 address)
    {
        var at = Array.BinarySearch(starts, address);
        return at < 0 ? int.Max(0, ~at - 1) : at;
    }

    /// <summary>Local addresses of one class that documents now tell apart.</summary>
    private AddressSet OfMixedParties(IReadOnlyDictionary<UInt128, int> locals)
    {
        var mixed = locals.GroupBy(l => classAt[At(l.Key)]).Where(g => g.Select(l => l.Value).Distinct().Count() > 1);
        return AddressSet.Of(mixed.SelectMany(g => g).Select(l => IpAddress.FromBits(l.Key)));
    }

    /// <summary>The cuts that there are and more, in order.</summary>
    private UInt128[] Merge(List<UInt128> more)
    {
        var space = AddressSet.OfFamily(family);
        more.Sort();
        var merged = new List<UInt128>(starts.Length + more.Count);
        var next = 0;
        foreach (var start in starts)
        {
            for (; next < more.Count && more[next] <= start; next++)
            {
                Append(more[next]);
            }

            Append(start);
        }

        more.Skip(next).ToList().ForEach(Append);
        return [.. merged];

        void Append(UInt128 cut)
        {
            if ((merged.Count == 0 || merged[^1] != cut) && space.Contains(IpAddress.FromBits(cut)))
            {
                merged.Add(cut);
            }
        }
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

    /// <summary>The sets that addresses are in, as bits, from one address upwards to the next.</summary>
    private sealed class Membership
    {
        private readonly List<(UInt128 At, int Set)> changes = [];
        private readonly ulong[] members;
        private int next;

        public Membership(IReadOnlyList<AddressSet> sets)
        {
            members = new ulong[(sets.Count + 63) / 64];
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
        }

        /// <summary>Of an address that is none below the last one asked for. To be copied where it is kept.</summary>
        public ulong[] At(UInt128 address)
        {
            for (; next < changes.Count && changes[next].At <= address; next++)
            {
                members[changes[next].Set / 64] ^= 1UL << (changes[next].Set % 64);
            }

            return members;
        }
    }

    /// <summary>Classes in the making.</summary>
    private sealed class ClassList(UInt128[] atoms)
    {
        private const int MaxCompared = 4;

        private readonly List<AddressClass> classes = [];
        private readonly List<List<UInt128>> samples = [];

        public IReadOnlyList<AddressClass> Classes => classes;

        public int[] ClassAt { get; } = new int[atoms.Length];

        public int Add(LookupResult found, int local)
        {
            samples.Add([]);
            classes.Add(new(found, local, samples[^1]));
            return classes.Count - 1;
        }

        public void Put(int atom, int number)
        {
            ClassAt[atom] = number;
            if (samples[number].Count < MaxSamples)
            {
                samples[number].Add(atoms[atom]);
                if (atom + 1 < atoms.Length && atoms[atom + 1] - atoms[atom] > 1)
                {
                    samples[number].Add(atoms[atom] + 1); // no cut in between
                }
            }
        }

        /// <summary>A class of which the same is found and said; null: there is none, or none was found soon.</summary>
        public int? Like(ClassKey key, IReadOnlyList<AddressSet> sets)
        {
            for (int number = 0, compared = 0; number < classes.Count && compared < MaxCompared; number++)
            {
                var known = classes[number];
                if (known.Found == key.Found && known.Local == key.Local && samples[number].Count > 0)
                {
                    compared++;
                    if (sets.Index().All(s => s.Item.Contains(known.Sample) == ((key.Members[s.Index / 64] >> (s.Index % 64)) & 1) > 0))
                    {
                        return number;
                    }
                }
            }

            return null;
        }
    }

    private readonly record struct ClassKey(LookupResult Found, int Local, ulong[] Members)
    {
        public bool Equals(ClassKey other) => Found == other.Found && Local == other.Local && Members.AsSpan().SequenceEqual(other.Members);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(Found);
            hash.Add(Local);
            hash.AddBytes(MemoryMarshal.AsBytes<ulong>(Members));
            return hash.ToHashCode();
        }
    }
}
