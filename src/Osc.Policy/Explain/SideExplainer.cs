using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Explain;

/// <summary>Goes through the rules of one side of a connection as <see cref="Decisions.Decider"/> does, and writes down what it looks at.</summary>
internal sealed class SideExplainer
{
    private readonly State state;
    private readonly AppliedPolicies policies;
    private readonly Connection connection;
    private readonly AddressGroups source;
    private readonly AddressGroups destination;
    private readonly Direction direction;
    private readonly ulong[] applied;
    private readonly int most;
    private readonly bool all;

    private List<ExplainedRule> looked = [];
    private int listed;
    private int notListed;

    /// <param name="all">Lists every rule, and also those of policies that are not applied to the workload.</param>
    public SideExplainer(State state, AppliedPolicies policies, (Connection Connection, AddressGroups Source, AddressGroups Destination) question, Direction direction, bool all)
    {
        this.state = state;
        this.policies = policies;
        (connection, source, destination) = question;
        this.direction = direction;
        this.all = all;
        applied = policies.AppliedTo(state, Own);
        most = all ? int.MaxValue : Explainer.MostRules;
    }

    /// <summary>The end that the side belongs to.</summary>
    private AddressGroups Own => direction == Direction.Out ? source : destination;

    public ExplainedSide Explain(PlacedInterface side)
    {
        var tiers = new List<ExplainedTier>();
        foreach (var tier in Enum.GetValues<Tier>())
        {
            var (start, end) = policies.PositionsOf(tier);
            if (start == end)
            {
                continue;
            }

            var (explained, deciding) = ExplainTier(tier, start, end);
            tiers.Add(explained);
            if (explained.End == TierEnd.Decided && deciding is { } rule)
            {
                return new(side, new(side.Workload.QualifiedName, VerdictOf(rule.Rule.Action), rule.Key, rule.Rule.Chain), tiers.ToValueList());
            }
        }

        var byDefault = state.DefaultActionOf(side.Tenant) == DefaultAction.Allow ? Verdict.Allow : Verdict.Drop;
        return new(side, new(side.Workload.QualifiedName, byDefault, null), tiers.ToValueList());
    }

    private (ExplainedTier Tier, ExplainedRule? Counting) ExplainTier(Tier tier, int start, int end)
    {
        looked = [];
        notListed = 0;
        ExplainedRule? counting = null;
        var (reached, asked, rulesAsked) = (start, 0, 0);
        while (counting is null && reached < end)
        {
            var next = AppliedPolicies.Next(applied, reached, end);
            for (; all && reached < next; reached++)
            {
                ListNotApplied(reached);
            }

            reached = next;
            if (reached < end)
            {
                counting = LookAt(reached);
                (reached, asked, rulesAsked) = (reached + 1, asked + 1, rulesAsked + policies.CountRules(reached, reached + 1));
            }
        }

        var tierEnd = counting is null ? TierEnd.NothingCounts : counting.Rule.Action == RuleAction.Pass ? TierEnd.Passed : TierEnd.Decided;
        return (new(tier, looked.ToValueList(), tierEnd, reached - start - asked, policies.CountRules(start, reached) - rulesAsked, notListed), counting);
    }

    /// <summary>Looks at a policy's rules down to the first that counts.</summary>
    private ExplainedRule? LookAt(int position)
    {
        var policy = policies[position];
        foreach (var rule in policies.RulesAt(position))
        {
            var outcome = OutcomeOf(policy, rule);
            if (outcome == RuleOutcome.Counts)
            {
                var counting = new ExplainedRule(new(policy.QualifiedName, rule.Rule.Name), rule.Rule, outcome, MatchOf(policy, rule.Rule));
                looked.Add(counting);
                return counting;
            }

            List(policy, rule.Rule, outcome);
        }

        return null;
    }

    private void ListNotApplied(int position)
    {
        foreach (var rule in policies[position].Rules)
        {
            List(policies[position], rule, rule.Mode == RuleMode.Disabled ? RuleOutcome.Disabled : HasDirection(rule) ? RuleOutcome.AppliedTo : RuleOutcome.Direction);
        }
    }

    private void List(PolicyDocument policy, Rule rule, RuleOutcome outcome)
    {
        if (listed >= most)
        {
            notListed++;
            return;
        }

        listed++;
        looked.Add(new(new(policy.QualifiedName, rule.Name), rule, outcome, outcome == RuleOutcome.Observes ? MatchOf(policy, rule) : null));
    }

    /// <summary>What becomes of a rule of a policy that is applied to the side's workload.</summary>
    private RuleOutcome OutcomeOf(PolicyDocument policy, in LaidOutRule rule)
    {
        if (!(direction == Direction.Out ? rule.IsForOut : rule.IsForIn))
        {
            return rule.Rule.Mode == RuleMode.Disabled ? RuleOutcome.Disabled : RuleOutcome.Direction;
        }

        return !(rule.From == LaidOutRule.Several ? Has(source, policy, rule.Rule.From) : Has(source, rule.From)) ? RuleOutcome.From
            : !(rule.To == LaidOutRule.Several ? Has(destination, policy, rule.Rule.To) : Has(destination, rule.To)) ? RuleOutcome.To
            : rule.Rule.Services.Count > 0 && ServiceOf(rule.Rule) is null ? RuleOutcome.Services
            : rule.Rule.Mode == RuleMode.Observe ? RuleOutcome.Observes
            : RuleOutcome.Counts;
    }

    private bool HasDirection(Rule rule) => rule.Direction == Direction.Both || rule.Direction == direction;

    private static bool Has(AddressGroups end, int group) => group == LaidOutRule.Any || end.IsIn(group);

    private bool Has(AddressGroups end, PolicyDocument policy, ValueList<Peer> peers) => PeerOf(end, policy.Metadata.Tenant, peers) is not null;

    private bool HasRange(AddressGroups end, Name tenant, Peer peer) => peer is CidrPeer { Cidr: var range } && range.Contains(end.Address) && state.IsVrfOf(tenant, end.Vrf);

    private ServiceReference? ServiceOf(Rule rule) => rule.Services.FirstOrDefault(s => state.PortsOf(s).Any(port => port.Matches(connection)));

    private RuleMatch MatchOf(PolicyDocument policy, Rule rule)
    {
        var tenant = policy.Metadata.Tenant;
        return new(PeerOf(Own, tenant, policy.AppliedTo), PeerOf(source, tenant, rule.From), PeerOf(destination, tenant, rule.To), ServiceOf(rule));
    }

    private Peer? PeerOf(AddressGroups end, Name tenant, ValueList<Peer> peers) =>
        peers.FirstOrDefault(p => p is GroupPeer group ? end.IsIn(policies.NumberOf(group.Group)) : HasRange(end, tenant, p));

    private static Verdict VerdictOf(RuleAction action) => action switch
    {
        RuleAction.Drop => Verdict.Drop,
        RuleAction.Reject => Verdict.Reject,
        _ => Verdict.Allow,
    };
}
