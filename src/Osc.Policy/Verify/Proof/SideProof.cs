using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model.Documents;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Holds one side's tables against the documents, class against class: for each class at the end where the side is decided, the
/// far ends that neither flows nor rules tell apart are looked at as one.
/// </summary>
/// <param name="start">The side's first table.</param>
/// <param name="domain">The services in question.</param>
/// <param name="isAsked">Whether the side is asked at all.</param>
internal sealed class SideProof(DecisionSpace space, Direction side, TierRules flows, byte start, ServiceSet domain, bool isAsked)
{
    /// <summary>So few classes are sooner asked one by one whether they are in a set, than all classes of a set are found.</summary>
    private const int Few = 8;

    private readonly DecisionSpec spec = space.Spec;
    private readonly Dictionary<WordKey, int> foundNumbers = [];
    private readonly List<IReadOnlyList<TierPart>> found = [];
    private readonly Dictionary<(int Party, WordKey Rules), int> expectedNumbers = [];
    private readonly List<IReadOnlyList<TierPart>> expected = [];
    private readonly Dictionary<(int Found, int Expected), bool> agree = [];

    /// <summary>Pairs of classes of which flows and documents say different things on this side.</summary>
    /// <param name="pairs">The pairs in question; null: all.</param>
    /// <param name="isSource">The classes that are in question as sources.</param>
    public IEnumerable<(int Source, int Destination)> Suspects(ClassPairs? pairs, Func<int, bool> isSource)
    {
        var classes = space.Partition.Classes;
        var everyone = ClassBits.Of(classes.Count, _ => true);
        var known = new Dictionary<(WordKey Row, int Party, WordKey Scope), IReadOnlyList<int>>();
        for (var near = 0; near < classes.Count; near++)
        {
            var scope = pairs is null ? everyone : pairs.FarOf(side, near);
            if (scope is null || (side == Direction.Out && !isSource(near)))
            {
                continue;
            }

            var row = Prune(side == Direction.Out ? flows.Sources[near] : flows.Destinations[near]);
            var party = isAsked ? classes[near].Local : -1;
            if (!known.TryGetValue((new(row), party, new(scope)), out var suspects))
            {
                suspects = Against(row, party, [.. ClassBits.Members(scope).Where(c => side == Direction.Out || isSource(c))]);
                known.Add((new(row), party, new(scope)), suspects);
            }

            foreach (var there in suspects)
            {
                yield return side == Direction.Out ? (near, there) : (there, near);
            }
        }
    }

    /// <summary>The far ends with which a class at the near end is decided otherwise than it shall.</summary>
    private List<int> Against(ulong[] row, int party, int[] scope)
    {
        var rules = party < 0 ? [] : side == Direction.Out ? spec.Parties[party].Out : spec.Parties[party].In;
        ulong[]?[] named = [.. rules.Select(r => spec.FarSetOf(r, side) is { } set ? In(set, scope) : null)];
        var columns = ClassBits.Members(row).Select(r => side == Direction.Out ? flows.Rules[r].Box.Destinations : flows.Rules[r].Box.Sources).Concat(named);
        var suspects = new List<int>();
        foreach (var alike in Blocks(scope, columns.OfType<ulong[]>()))
        {
            var far = alike[0];
            var foundHere = FoundNumber(row, side == Direction.Out ? flows.Destinations[far] : flows.Sources[far]);
            var expectedHere = ExpectedNumber(party, rules, ClassBits.Of(rules.Count, r => ClassBits.Has(named[r], far)));
            if (!agree.TryGetValue((foundHere, expectedHere), out var agrees))
            {
                agree.Add((foundHere, expectedHere), agrees = Agree(found[foundHere], expected[expectedHere]));
            }

            if (!agrees)
            {
                suspects.AddRange(alike);
            }
        }

        return suspects;
    }

    /// <summary>The classes of a scope that are in a set, as bits, and maybe others.</summary>
    private ulong[] In(AddressSet set, int[] scope)
    {
        if (scope.Length > Few)
        {
            return space.Partition.In(set);
        }

        var bits = new ulong[(space.Partition.Classes.Count + 63) / 64];
        foreach (var member in scope.Where(m => set.Contains(space.Partition.Classes[m].Sample)))
        {
            ClassBits.Set(bits, member);
        }

        return bits;
    }

    /// <summary>Puts together the classes that are in the same columns: each column cuts the blocks in which it has some, and takes time by what it has.</summary>
    private List<List<int>> Blocks(int[] scope, IEnumerable<ulong[]> columns)
    {
        if (scope.Length < 2)
        {
            return scope.Length == 0 ? [] : [[scope[0]]];
        }

        var blockOf = new int[space.Partition.Classes.Count];
        Array.Fill(blockOf, -1);
        foreach (var member in scope)
        {
            blockOf[member] = 0;
        }

        var cutBy = new List<int> { -1 };
        var cutOff = new List<int> { 0 };
        foreach (var (column, members) in columns.Index())
        {
            foreach (var member in ClassBits.Members(members))
            {
                var block = blockOf[member];
                if (block < 0)
                {
                    continue;
                }

                if (cutBy[block] != column)
                {
                    (cutBy[block], cutOff[block]) = (column, cutBy.Count);
                    cutBy.Add(column);
                    cutOff.Add(cutBy.Count - 1);
                }

                blockOf[member] = cutOff[block];
            }
        }

        return [.. scope.GroupBy(member => blockOf[member]).Select(g => g.ToList())];
    }

    /// <summary>Behind a rule that takes all there is in the first table, and leads out of this side, nothing else counts.</summary>
    private ulong[] Prune(ulong[] row)
    {
        foreach (var i in ClassBits.Members(row))
        {
            var rule = flows.Rules[i];
            if (rule.Table != start)
            {
                break;
            }

            var other = side == Direction.Out ? rule.Box.Destinations : rule.Box.Sources;
            var first = ClassBits.Members(row).First();
            if (i == first && rule.Kind == TierRuleKind.Direct && other is null && rule.Box.Services.Equals(ServiceSet.All)
                && rule.Flow.Actions is [GotoTable { Table: var next }] && !Inside(next)
                && !ClassBits.Members(row).Any(r => r != i && flows.Rules[r].Table == start && flows.Rules[r].Priority == rule.Priority))
            {
                var only = new ulong[row.Length];
                ClassBits.Set(only, i);
                return only;
            }
        }

        return row;
    }

    private bool Inside(byte table) => side == Direction.Out ? table < PipelineTable.InTiers : table is >= PipelineTable.InTiers and < 30;

    private int FoundNumber(ulong[] near, ulong[] there)
    {
        var both = ClassBits.And(near, there)!; // rows are never null
        if (!foundNumbers.TryGetValue(new(both), out var number))
        {
            number = found.Count;
            foundNumbers.Add(new(both), number);
            found.Add(TierWalk.Run(start, [.. ClassBits.Members(both).Select(r => flows.Rules[r])], domain, Inside));
        }

        return number;
    }

    private int ExpectedNumber(int party, IReadOnlyList<MeantRule> rules, ulong[] counting)
    {
        if (!expectedNumbers.TryGetValue((party, new(counting)), out var number))
        {
            number = expected.Count;
            expectedNumbers.Add((party, new(counting)), number);
            expected.Add(spec.Expect(party < 0 ? null : spec.Parties[party], side, [.. ClassBits.Members(counting).Select(r => rules[r])]));
        }

        return number;
    }

    private bool Agree(IReadOnlyList<TierPart> flowParts, IReadOnlyList<TierPart> meant) => flowParts.All(f => meant.All(m =>
        spec.Settle(f.Outcome) == m.Outcome || !f.Services.Overlaps(m.Services)));
}
