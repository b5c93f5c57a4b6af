using Osc.Flows;
using Osc.Model;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>A rule on a bridge at some of whose addresses it is enforced.</summary>
internal sealed class RuleSection(RuleNode rule, uint number)
{
    private static readonly RuleTerms NoTerms = new([], null, [], null);

    public RuleNode Rule { get; } = rule;

    public uint Number { get; } = number;

    /// <summary>At how many local addresses it is enforced.</summary>
    public int Places { get; set; }

    public int Priority { get; set; }

    /// <summary>What its flows are over; nothing at first.</summary>
    public RuleTerms Terms { get; private set; } = NoTerms;

    /// <returns>Whether they are others now.</returns>
    public bool Update(BridgeClasses classes)
    {
        var terms = TermsOf(classes);
        var isSame = Same(terms.Enforced, Terms.Enforced) && Same(terms.Named, Terms.Named) && !ReferenceEquals(Terms, NoTerms);
        Terms = terms;
        return !isSame;
    }

    public IReadOnlyList<Flow> Flows(HostNumbers numbers, int priority) => Flows(numbers, priority, Terms);

    /// <param name="terms">What it is over, or was.</param>
    public IReadOnlyList<Flow> Flows(HostNumbers numbers, int priority, RuleTerms terms) =>
        ReferenceEquals(terms, NoTerms)
            ? []
            : RuleFlows.Of(
                Rule.Sided, terms, Number, (ushort)priority, Rule.Tenant == Tenants.System ? 0 : numbers.Tenants[Rule.Tenant], Rule.Chain is { } chain ? numbers.Chains[chain] : 0);

    private RuleTerms TermsOf(BridgeClasses classes)
    {
        uint[]? enforced = null;
        if (Rule.Sided.IsNarrowed)
        {
            enforced = [.. CandidatesAmong(classes).Where(IsEnforcedAt).Select(c => c.Number).Distinct()];
            Array.Sort(enforced);
        }

        uint[]? named = null;
        if (!Rule.Named.IsAnything)
        {
            named = Rule.Named.Groups.Length == 1
                ? [.. classes.In(Rule.Named.Groups[0]).Select(c => c.Number)]
                : [.. Rule.Named.Groups.SelectMany(classes.In).Select(c => c.Number).Distinct()];
            Array.Sort(named);
        }

        return new(enforced, named, Rule.Ranges, Rule.Services);
    }

    /// <summary>Classes among which are all that the rule is enforced at.</summary>
    private IEnumerable<BridgeClass> CandidatesAmong(BridgeClasses classes) =>
        Rule.Anchors is { } anchors && anchors.Count < classes.OfLocals.Count ? anchors.SelectMany(classes.In) : classes.OfLocals;

    private bool IsEnforcedAt(BridgeClass candidate)
    {
        foreach (var tenant in candidate.LocalTenants.Keys)
        {
            if (Rule.Sided.Rule.IsFor(tenant))
            {
                return candidate.IsIn(Rule.Enforced) && candidate.IsIn(Rule.AppliedTo);
            }
        }

        return false;
    }

    private static bool Same(IReadOnlyList<uint>? left, IReadOnlyList<uint>? right) =>
        ReferenceEquals(left, right) || (left is not null && right is not null && left.SequenceEqual(right));
}
