using Osc.Flows;
using Osc.Flows.Pipeline;
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

    private readonly DecisionSpace space;
    private readonly DecisionSpec spec;
    private readonly IReadOnlyList<AddressClass> classes;
    private readonly TierRules outFlows;
    private readonly TierRules inFlows;
    private readonly byte start;
    private readonly bool skipsIn;
    private readonly ServiceSet domain;
    private readonly Func<int, bool> isSource;

    private DecisionProof(DecisionQuestion question, (TierRules Out, TierRules In) flows, Func<int, bool> isSource)
    {
        space = question.Space;
        spec = space.Spec;
        classes = space.Partition.Classes;
        start = question.Input.Table ?? throw new ArgumentException("the deciding begins nowhere");
        skipsIn = question.SkipsIn;
        domain = PairRules.Tracked.Intersect(ServiceSet.RealIn(space.Family)).Intersect(question.Services);
        (outFlows, inFlows) = flows;
        this.isSource = isSource;
    }

    /// <param name="change">What changed since all was proven; null: nothing is proven.</param>
    /// <returns>Gaps, at most some; none: proven. null: the flows ask for something that cannot be told here.</returns>
    public static IReadOnlyList<DecisionGap>? Run(DecisionQuestion question, DecisionChange? change = null)
    {
        var partition = question.Space.Partition;
        if (partition.Ambiguous is not null)
        {
            return null;
        }

        var gaps = new List<DecisionGap>();
        foreach (var (classes, isSource) in TierClasses.Of(partition.Classes, question.Before))
        {
            var terms = new TierTerms(question.Input, question.Form, question.CtState, classes, question.Space);
            var pairs = change?.PairsIn(terms, partition, question.Services);
            if (pairs is { IsEmpty: true })
            {
                continue;
            }

            if (TierRules.Of(question.Tiers.Where(f => f.Table < PipelineTable.InTiers), terms, classes.All.Count, question.Services, pairs) is not { } outFlows
                || TierRules.Of(question.Tiers.Where(f => f.Table >= PipelineTable.InTiers), terms, classes.All.Count, question.Services, pairs) is not { } inFlows)
            {
                return null;
            }

            gaps.AddRange(new DecisionProof(question, (outFlows, inFlows), isSource).Gaps(pairs));
            if (gaps.Count >= MaxGaps)
            {
                break;
            }
        }

        return gaps;
    }

    private List<DecisionGap> Gaps(ClassPairs? pairs)
    {
        var outside = new SideProof(space, Direction.Out, outFlows, start, domain, isAsked: true);
        var inside = new SideProof(space, Direction.In, inFlows, PipelineTable.InTiers, domain, isAsked: !skipsIn);
        var gaps = new List<DecisionGap>();
        var seen = 0;
        foreach (var (source, destination) in outside.Suspects(pairs, isSource).Concat(inside.Suspects(pairs, isSource)))
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

    private bool IsNamed(MeantRule rule, Direction side, AddressClass far) => spec.FarSetOf(rule, side) is not { } set || set.Contains(far.Sample);

    private static TierRule[] Matching(TierRules flows, int source, int destination) =>
        [.. ClassBits.Members(ClassBits.And(flows.Sources[source], flows.Destinations[destination])!).Select(r => flows.Rules[r])]; // rows are never null
}

/// <summary>What a <see cref="DecisionProof"/> is about.</summary>
/// <param name="Tiers">The flows of the deciding tables.</param>
/// <param name="Before">What reg0 and reg1 carry before the first lookup.</param>
/// <param name="SkipsIn">Packets that answer a DHCP client: the client's side is not asked.</param>
internal sealed record DecisionQuestion(
    DecisionSpace Space,
    IReadOnlyList<Flow> Tiers,
    LookupResult Before,
    DecideInput Input,
    ServiceForm Form,
    uint CtState,
    ServiceSet Services,
    bool SkipsIn);
