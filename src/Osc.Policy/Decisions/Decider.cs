using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Decisions;

/// <summary>
/// The meaning of policy: a direct transcription of "Verdict of a connection" in docs/policy-language.md, whose sentences
/// the comments quote. Short, slow, obviously right. Everything faster must agree with it.
/// </summary>
public static class Decider
{
    private static readonly Tier[] Tiers = Enum.GetValues<Tier>();

    /// <summary>The verdict of a connection and what each of its existing sides decided.</summary>
    public static Decision Decide(State state, Connection connection)
    {
        if (BeforePolicy.Decide(state, connection) is { } verdict)
        {
            return new(verdict, null, null);
        }

        // "It has up to two sides: out at the workload that owns the source address, in at the one that owns the destination."
        var source = state.OwnerOf(connection.Vrf, connection.Source);
        var destination = state.OwnerOf(connection.Vrf, connection.Destination);
        var outSide = source is null ? null : DecideSide(state, connection, source, Direction.Out);
        var inSide = destination is null || BeforePolicy.IsDhcpAnswer(connection) ? null : DecideSide(state, connection, destination, Direction.In);

        // "It passes only if each existing side lets it pass; else its verdict is that of the first side (out, then in) that does not."
        var first = new[] { outSide, inSide }.FirstOrDefault(side => side is not null && side.Verdict != Verdict.Allow);
        return new(first?.Verdict ?? Verdict.Allow, outSide, inSide);
    }

    private static SideDecision DecideSide(State state, Connection connection, PlacedInterface side, Direction direction)
    {
        // "It goes through tiers in order, policies by order then name, rules by position."
        foreach (var tier in Tiers)
        {
            var deciding = FirstDecidingRule(state, connection, side, direction, tier);
            if (deciding is { } found && found.Rule.Action != RuleAction.Pass)
            {
                return new(side.Workload.QualifiedName, VerdictOf(found.Rule.Action), new(found.Policy.QualifiedName, found.Rule.Name), found.Rule.Chain);
            }

            // "pass = go on with the next tier"; and so does a tier in which no rule counts.
        }

        // "No rule decided: the tenant's defaultAction."
        var byDefault = state.DefaultActionOf(side.Tenant) == DefaultAction.Allow ? Verdict.Allow : Verdict.Drop;
        return new(side.Workload.QualifiedName, byDefault, null);
    }

    private static (PolicyDocument Policy, Rule Rule)? FirstDecidingRule(State state, Connection connection, PlacedInterface side, Direction direction, Tier tier)
    {
        // "A side is decided by the policies of its workload's tenant (and system's)": system's ahead within the same tier.
        var tenants = side.Tenant == Tenants.System ? new[] { Tenants.System } : [Tenants.System, side.Tenant];
        foreach (var policy in tenants.SelectMany(state.PoliciesOf).Where(p => p.Tier == tier))
        {
            foreach (var rule in policy.Rules)
            {
                // "observe rules [...] decide nothing. disabled rules do not exist."
                if (rule.Mode == RuleMode.Enforce && Counts(state, connection, direction, policy, rule))
                {
                    return (policy, rule);
                }
            }
        }

        return null;
    }

    /// <summary>
    /// "A rule counts for the side if its direction has it, the side's workload is in appliedTo, and from, to (the connection's
    /// source and destination, on either side) and services match." and "appliedTo asks whether the address of that side is a member."
    /// </summary>
    private static bool Counts(State state, Connection connection, Direction direction, PolicyDocument policy, Rule rule)
    {
        var tenant = policy.Metadata.Tenant;
        var sideAddress = direction == Direction.Out ? connection.Source : connection.Destination;
        return (rule.Direction == Direction.Both || rule.Direction == direction)
            && Membership.OfAny(state, tenant, policy.AppliedTo, connection.Vrf, sideAddress)
            && Membership.OfAny(state, tenant, rule.From, connection.Vrf, connection.Source)
            && Membership.OfAny(state, tenant, rule.To, connection.Vrf, connection.Destination)
            && (rule.Services.Count == 0 || rule.Services.SelectMany(state.PortsOf).Any(port => port.Matches(connection)));
    }

    private static Verdict VerdictOf(RuleAction action) => action switch
    {
        RuleAction.Allow or RuleAction.Inspect => Verdict.Allow,
        RuleAction.Drop => Verdict.Drop,
        RuleAction.Reject => Verdict.Reject,
        _ => throw new InvalidOperationException($"{action} decides nothing"),
    };
}
