using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Connections from one class to another that end otherwise than they shall.</summary>
internal sealed record DecisionGap(AddressClass Source, AddressClass Destination, ServiceSet Services, TierOutcome Expected, TierOutcome Found);

/// <summary>
/// Holds the deciding tables against the documents, for all connections of a vrf and family at once: classes of addresses
/// against classes, side by side; and where a side differs, both sides together, since one may hide the other.
/// </summary>
internal sealed class DecisionProof
{
    private const int MaxPairs = 20_000;
    private const int MaxGaps = 12;

    private readonly DecisionSpec spec;
    private readonly IReadOnlyList<AddressClass> classes;
    private readonly IReadOnlyDictionary<AddressSet, int> setNumbers;
    private readonly TierRules outFlows;
    private readonly TierRules inFlows;
    private readonly byte start;
    private readonly bool skipsIn;
    private readonly ServiceSet domain;
    private readonly Func<int, bool> isSource;

    private DecisionProof(DecisionQuestion question, IReadOnlyList<AddressClass> classes, IReadOnlyDictionary<AddressSet, int> setNumbers, (TierRules Out, TierRules In) flows, Func<int, bool> isSource)
    {
        spec = question.Spec;
        start = question.Input.Table ?? throw new ArgumentException("the deciding begins nowhere");
        skipsIn = question.SkipsIn;
        domain = PairRules.Tracked.Intersect(ServiceSet.RealIn(question.Family)).Intersect(question.Services);
        this.classes = classes;
        this.setNumbers = setNumbers;
        (outFlows, inFlows) = flows;
        this.isSource = isSource;
    }

    /// <returns>Gaps, at most some; none: proven. null: the flows ask for something that cannot be told here.</returns>
    public static IReadOnlyList<DecisionGap>? Run(DecisionQuestion question)
    {
        var outTables = question.Tiers.Where(f => f.Table < PipelineTable.InTiers).ToArray();
        var inTables = question.Tiers.Where(f => f.Table >= PipelineTable.InTiers).ToArray();
        var ranges = question.Tiers.SelectMany(f => f.Match.Fields.ToArray()).Where(f => TierTerms.IsAddress(f.Field)).Distinct()
            .Select(f => TierTerms.RangeOf(f, question.Family)).OfType<AddressSet>();
        AddressSet[] sets = [.. question.Spec.FarSets.Concat(ranges).Distinct()];
        var setNumbers = sets.Index().ToDictionary(s => s.Item, s => s.Index);
        var partition = AddressPartition.Of(question.Family, question.Lookups, sets, question.Spec.Locals);
        if (partition.Ambiguous is not null)
        {
            return null;
        }

        var gaps = new List<DecisionGap>();
        foreach (var (classes, isSource) in TierClasses.Of(partition.Classes, question.Before))
        {
            var terms = new TierTerms(question.Input, question.Form, question.Family, question.CtState, classes, setNumbers);
            if (TierRules.Of(outTables, terms, classes.All.Count, question.Services) is not { } outFlows || TierRules.Of(inTables, terms, classes.All.Count, question.Services) is not { } inFlows)
            {
                return null;
            }

            gaps.AddRange(new DecisionProof(question, classes.All, setNumbers, (outFlows, inFlows), isSource).Gaps());
            if (gaps.Count >= MaxGaps)
            {
                break;
            }
        }

        return gaps;
    }

    private List<DecisionGap> Gaps()
    {
        var outside = new SideProof(this, Direction.Out, outFlows, start);
        var inside = new SideProof(this, Direction.In, inFlows, PipelineTable.InTiers);
        var gaps = new List<DecisionGap>();
        var seen = 0;
        foreach (var (source, destination) in outside.Suspects().Concat(inside.Suspects()))
        {
            gaps.AddRange(Together(source, destination));
            if (gaps.Count >= MaxGaps || ++seen >= MaxPairs)
            {
                break;
            }
        }

        return gaps;
    }

    /// <summary>Both sides of a pair from the beginning to the end.</summary>
    private IEnumerable<DecisionGap> Together(int source, int destination)
    {
        var rules = Matching(outFlows, source, destination).Concat(Matching(inFlows, source, destination)).ToArray();
        var found = TierWalk.Run(start, rules, domain, t => t < PipelineTable.Commit.Id);
        return from expected in ExpectTogether(source, destination)
               from part in found
               let outcome = spec.Settle(part.Outcome)
               where outcome != expected.Outcome
               let services = part.Services.Intersect(expected.Services)
               where !services.IsEmpty
               select new DecisionGap(classes[source], classes[destination], services, expected.Outcome, outcome);
    }

    private IEnumerable<TierPart> ExpectTogether(int source, int destination)
    {
        foreach (var sent in Expect(Direction.Out, source, destination))
        {
            if (sent.Outcome.Table != PipelineTable.InTiers)
            {
                yield return sent;
                continue;
            }

            foreach (var received in Expect(Direction.In, source, destination))
            {
                var services = sent.Services.Intersect(received.Services);
                if (!services.IsEmpty)
                {
                    var labels = received.Outcome.Table == PipelineTable.Commit.Id ? sent.Outcome.Written : [];
                    yield return new(services, labels.Aggregate(received.Outcome, (outcome, w) => outcome.With(w.Register, w.Value)));
                }
            }
        }
    }

    private IReadOnlyList<TierPart> Expect(Direction side, int source, int destination)
    {
        var (own, far) = side == Direction.Out ? (classes[source], classes[destination]) : (classes[destination], classes[source]);
        var party = own.Local < 0 || (side == Direction.In && skipsIn) ? null : spec.Parties[own.Local];
        var rules = party is null ? [] : (side == Direction.Out ? party.Out : party.In).Where(r => IsNamed(r, side, far)).ToArray();
        return spec.Expect(party, side, rules);
    }

    private bool IsNamed(MeantRule rule, Direction side, AddressClass far) => spec.FarSetOf(rule, side) is not { } set || far.IsIn(setNumbers[set]);

    private static TierRule[] Matching(TierRules flows, int source, int destination) =>
        [.. ClassBits.Members(ClassBits.And(flows.Sources[source], flows.Destinations[destination])!).Select(r => flows.Rules[r])]; // rows are never null

    /// <summary>One side: every class against every other, words against words.</summary>
    private sealed class SideProof(DecisionProof proof, Direction side, TierRules flows, byte start)
    {
        private readonly Dictionary<WordKey, int> foundNumbers = [];
        private readonly List<IReadOnlyList<TierPart>> found = [];
        private readonly Dictionary<(int Party, WordKey Rules), int> expectedNumbers = [];
        private readonly List<IReadOnlyList<TierPart>> expected = [];
        private readonly Dictionary<(int Found, int Expected), bool> agree = [];
        private readonly IReadOnlyList<MeantRule> rules = side == Direction.Out ? proof.spec.OutRules : proof.spec.InRules;

        /// <summary>Pairs of classes of which flows and documents say different things on this side.</summary>
        public IEnumerable<(int Source, int Destination)> Suspects()
        {
            var own = Group(Own());
            var far = Group(Far());
            var buffer = new ulong[(flows.Rules.Count + 63) / 64];
            var ruleBuffer = new ulong[(rules.Count + 63) / 64];
            foreach (var near in own)
            {
                foreach (var there in far)
                {
                    var foundHere = FoundNumber(near.Row, there.Row, buffer);
                    var expectedHere = ExpectedNumber(near, there, ruleBuffer);
                    if (!agree.TryGetValue((foundHere, expectedHere), out var agrees))
                    {
                        agree.Add((foundHere, expectedHere), agrees = Agree(found[foundHere], expected[expectedHere]));
                    }

                    if (!agrees)
                    {
                        foreach (var pair in near.Classes.SelectMany(n => there.Classes.Select(t => side == Direction.Out ? (n, t) : (t, n))).Where(p => proof.isSource(p.Item1)))
                        {
                            yield return pair;
                        }
                    }
                }
            }
        }

        private IEnumerable<(SideKey Key, int Class)> Own()
        {
            var ordinals = rules.Index().ToDictionary(r => r.Item.Ordinal, r => r.Index);
            var partyRules = proof.spec.Parties.Select(p => (side == Direction.Out ? p.Out : p.In).Select(r => ordinals[r.Ordinal]).ToHashSet()).ToArray();
            for (var i = 0; i < proof.classes.Count; i++)
            {
                var party = side == Direction.In && proof.skipsIn ? -1 : proof.classes[i].Local;
                var row = Prune(side == Direction.Out ? flows.Sources[i] : flows.Destinations[i]);
                yield return (new(row, party, ClassBits.Of(rules.Count, r => party >= 0 && partyRules[party].Contains(r))), i);
            }
        }

        private IEnumerable<(SideKey Key, int Class)> Far()
        {
            var sets = rules.Select(r => proof.spec.FarSetOf(r, side) is { } set ? proof.setNumbers[set] : -1).ToArray();
            for (var i = 0; i < proof.classes.Count; i++)
            {
                var there = proof.classes[i];
                yield return (new(side == Direction.Out ? flows.Destinations[i] : flows.Sources[i], -1, ClassBits.Of(sets.Length, r => sets[r] < 0 || there.IsIn(sets[r]))), i);
            }
        }

        private static List<SideGroup> Group(IEnumerable<(SideKey Key, int Class)> classes) =>
            [.. classes.GroupBy(c => (new WordKey(c.Key.Row), c.Key.Party, new WordKey(c.Key.Rules)))
                .Select(g => new SideGroup(g.Key.Item1.Words, g.Key.Party, g.Key.Item3.Words, [.. g.Select(c => c.Class)]))];

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

        private int FoundNumber(ulong[] near, ulong[] there, ulong[] buffer)
        {
            for (var word = 0; word < buffer.Length; word++)
            {
                buffer[word] = near[word] & there[word];
            }

            if (!foundNumbers.TryGetValue(new(buffer), out var number))
            {
                number = found.Count;
                foundNumbers.Add(new((ulong[])buffer.Clone()), number);
                found.Add(TierWalk.Run(start, [.. ClassBits.Members(buffer).Select(r => flows.Rules[r])], proof.domain, Inside));
            }

            return number;
        }

        private int ExpectedNumber(SideGroup near, SideGroup there, ulong[] buffer)
        {
            for (var word = 0; word < buffer.Length; word++)
            {
                buffer[word] = near.Rules[word] & there.Rules[word];
            }

            if (!expectedNumbers.TryGetValue((near.Party, new(buffer)), out var number))
            {
                number = expected.Count;
                expectedNumbers.Add((near.Party, new((ulong[])buffer.Clone())), number);
                expected.Add(proof.spec.Expect(near.Party < 0 ? null : proof.spec.Parties[near.Party], side, [.. ClassBits.Members(buffer).Select(r => rules[r])]));
            }

            return number;
        }

        private bool Agree(IReadOnlyList<TierPart> flowParts, IReadOnlyList<TierPart> meant) => flowParts.All(f => meant.All(m =>
            proof.spec.Settle(f.Outcome) == m.Outcome || !f.Services.Overlaps(m.Services)));

        private readonly record struct SideKey(ulong[] Row, int Party, ulong[] Rules);

        private sealed record SideGroup(ulong[] Row, int Party, ulong[] Rules, int[] Classes);
    }
}

/// <summary>What a <see cref="DecisionProof"/> is about.</summary>
/// <param name="Tiers">The flows of the deciding tables.</param>
/// <param name="Lookups">What addresses are looked up as.</param>
/// <param name="Before">What reg0 and reg1 carry before the first lookup.</param>
/// <param name="SkipsIn">Packets that answer a DHCP client: the client's side is not asked.</param>
internal sealed record DecisionQuestion(
    DecisionSpec Spec,
    IpFamily Family,
    IReadOnlyList<Flow> Tiers,
    IReadOnlyList<LookupRange> Lookups,
    LookupResult Before,
    DecideInput Input,
    ServiceForm Form,
    uint CtState,
    ServiceSet Services,
    bool SkipsIn);
