using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>What settled a connection's verdict.</summary>
public enum SettledBy
{
    /// <summary>The rules and default actions of the sides that exist; where none exists, nobody stops it.</summary>
    Policy,

    /// <summary>Router and neighbour discovery, which passes or not before policy is asked.</summary>
    NeighbourDiscovery,

    /// <summary>It goes to many, in a network that does not take multicast.</summary>
    ManyReceivers,
}

/// <summary>What one side decided.</summary>
/// <param name="Rule">The rule that decided; null where none did and the tenant's default action stands.</param>
/// <param name="Chain">The inspection chain, where the rule inspects.</param>
public sealed record SideMeaning(Verdict Verdict, RuleKey? Rule, QualifiedName? Chain = null);

/// <summary>Services that have one verdict for one reason.</summary>
/// <param name="Out">null where the source is nobody's, or what settles it comes before policy.</param>
/// <param name="In">The same of the destination.</param>
public sealed record VerdictPart(ServiceSet Services, Verdict Verdict, SideMeaning? Out, SideMeaning? In, SettledBy SettledBy);

/// <summary>The rules that can count between two classes of addresses, and what they decide, service by service.</summary>
internal sealed class PairRules
{
    private static readonly ServiceSet NotForWorkloads = ServiceSet.Of(
        [ServicePort.OfIcmp(IpProtocol.IcmpV6, 134), ServicePort.OfIcmp(IpProtocol.IcmpV6, 137)]); // router advertisement, redirect

    /// <summary>What policy is asked for: all but neighbour discovery.</summary>
    public static readonly ServiceSet Tracked = ServiceSet.All.Subtract(ServiceSet.NeighbourDiscovery);

    private IReadOnlyList<VerdictPart>? parts;

    /// <summary>The source's tenant's default action; null where the source is nobody's.</summary>
    public required Verdict? OutDefault { get; init; }

    public required Verdict? InDefault { get; init; }

    /// <summary>In deciding order.</summary>
    public required IReadOnlyList<MeantRule> Out { get; init; }

    public required IReadOnlyList<MeantRule> In { get; init; }

    /// <summary>Whether the destination is many receivers that the source's network does not send to.</summary>
    public required bool IsClosedToMany { get; init; }

    /// <summary>Every service in exactly one part.</summary>
    public IReadOnlyList<VerdictPart> Parts => parts ??= Decide(null);

    /// <summary>The parts as if one rule were not there.</summary>
    public IReadOnlyList<VerdictPart> Without(MeantRule rule) => Decide(rule);

    /// <summary>Whether some service comes as far as a rule on a side: that no earlier rule decided, nor one before it in its tier passed on.</summary>
    public bool Reaches(MeantRule rule, Direction direction, IpFamily family)
    {
        var rules = direction == Direction.Out ? Out : In;
        var open = IsClosedToMany ? ServiceSet.Empty : Tracked;
        var passed = ServiceSet.Empty;
        var tier = Tier.Emergency;
        foreach (var earlier in rules)
        {
            if (earlier.Policy.Tier != tier)
            {
                (open, passed, tier) = (open.Union(passed), ServiceSet.Empty, earlier.Policy.Tier);
            }

            if (earlier == rule)
            {
                return open.Intersect(rule.Services).Overlaps(ServiceSet.RealIn(family));
            }

            var hit = open.Intersect(earlier.Services);
            open = open.Subtract(hit);
            passed = earlier.Rule.Action == RuleAction.Pass ? passed.Union(hit) : passed;
        }

        return false;
    }

    private List<VerdictPart> Decide(MeantRule? excluded)
    {
        var result = new List<VerdictPart>
        {
            new(ServiceSet.NeighbourDiscovery.Subtract(OutDefault is null ? ServiceSet.Empty : NotForWorkloads), Verdict.Allow, null, null, SettledBy.NeighbourDiscovery),
        };
        if (OutDefault is not null)
        {
            result.Add(new(NotForWorkloads, Verdict.Drop, null, null, SettledBy.NeighbourDiscovery));
        }

        if (IsClosedToMany)
        {
            result.Add(new(Tracked, Verdict.Drop, null, null, SettledBy.ManyReceivers));
            return result;
        }

        var outside = OutDefault is { } atSource ? DecideSide(Out, atSource, excluded) : [(Tracked, null)];
        var inside = InDefault is { } atDestination ? DecideSide(In, atDestination, excluded) : [(Tracked, null)];
        foreach (var (sent, outSide) in outside)
        {
            foreach (var (received, inSide) in inside)
            {
                var services = sent.Intersect(received);
                if (!services.IsEmpty)
                {
                    var verdict = outSide is { Verdict: not Verdict.Allow } ? outSide.Verdict : inSide?.Verdict ?? Verdict.Allow;
                    result.Add(new(services, verdict, outSide, inSide, SettledBy.Policy));
                }
            }
        }

        return result;
    }

    /// <summary>First match wins in each tier; what passes, and what no rule of the tier counts for, goes on to the next.</summary>
    /// <param name="rules">Those that count as far as addresses tell, in deciding order.</param>
    /// <returns>Every service that policy is asked for, in exactly one part.</returns>
    public static List<(ServiceSet Services, SideMeaning? Side)> DecideSide(IReadOnlyList<MeantRule> rules, Verdict byDefault, MeantRule? excluded = null)
    {
        var result = new List<(ServiceSet, SideMeaning?)>();
        var open = Tracked;
        var passed = ServiceSet.Empty;
        var tier = Tier.Emergency;
        foreach (var rule in rules)
        {
            if (rule.Policy.Tier != tier)
            {
                (open, passed, tier) = (open.Union(passed), ServiceSet.Empty, rule.Policy.Tier);
            }

            if (rule == excluded)
            {
                continue;
            }

            var hit = open.Intersect(rule.Services);
            if (hit.IsEmpty)
            {
                continue;
            }

            open = open.Subtract(hit);
            if (rule.Rule.Action == RuleAction.Pass)
            {
                passed = passed.Union(hit);
            }
            else
            {
                result.Add((hit, new(VerdictOf(rule.Rule.Action), rule.Key, rule.Rule.Chain)));
            }
        }

        open = open.Union(passed);
        if (!open.IsEmpty)
        {
            result.Add((open, new(byDefault, null)));
        }

        return result;
    }

    private static Verdict VerdictOf(RuleAction action) => action switch
    {
        RuleAction.Allow or RuleAction.Inspect => Verdict.Allow,
        RuleAction.Drop => Verdict.Drop,
        RuleAction.Reject => Verdict.Reject,
        _ => throw new InvalidOperationException($"{action} decides nothing"),
    };
}
