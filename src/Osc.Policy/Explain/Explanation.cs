using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Explain;

/// <summary>Why a connection has the verdict that it has.</summary>
/// <param name="Settled">What settled it before any policy was asked; null where policy was asked.</param>
/// <param name="Out">Present where <paramref name="Decision"/> has an out side.</param>
/// <param name="In">Present where <paramref name="Decision"/> has an in side.</param>
public sealed record Explanation(
    Connection Connection,
    Decision Decision,
    SettledBy? Settled,
    ExplainedEnd Source,
    ExplainedEnd Destination,
    ExplainedSide? Out,
    ExplainedSide? In);

/// <summary>What is settled before policy (Decisions.BeforePolicy).</summary>
public enum SettledBy
{
    NeighbourDiscovery,
    Dhcp,

    /// <summary>Multicast or broadcast in a network that has none.</summary>
    Multicast,
}

/// <summary>One address of a connection.</summary>
/// <param name="Owner">The interface that has it; null for an address that no workload has.</param>
/// <param name="Groups">The groups that name it, by name: those it is a member of, and those whose exceptions take it away.</param>
public sealed record ExplainedEnd(IpAddress Address, PlacedInterface? Owner, ValueList<GroupMembership> Groups);

/// <summary>A group that names an address.</summary>
/// <param name="By">The first clause under members that has the address, and below it, where that is another group, the clause of that group.</param>
/// <param name="Except">The first clause under except that has it, likewise; empty for a member.</param>
public sealed record GroupMembership(QualifiedName Group, ValueList<ClauseStep> By, ValueList<ClauseStep> Except)
{
    public bool IsMember => Except.Count == 0;
}

/// <summary>A clause of a group.</summary>
/// <param name="Path">The clause's field: "members[0]", "except[2]".</param>
public sealed record ClauseStep(QualifiedName Group, string Path, Clause Clause)
{
    /// <summary>"members[0] of shop/web: selector app = web"; without the group where it is the one spoken of.</summary>
    public string ToString(QualifiedName spokenOf) => $"{Path}{(Group == spokenOf ? "" : $" of {Group}")}: {TextOf(Clause)}";

    private static string TextOf(Clause clause) => clause switch
    {
        SelectorClause selector => $"selector {selector.Selector}",
        WorkloadClause workload => $"workload {workload.Workload}",
        NetworkClause network => $"network {network.Network}",
        GroupClause group => $"group {group.Group}",
        CidrClause { Network: { } network } cidr => $"cidr {cidr.Cidr} in network {network}",
        CidrClause cidr => $"cidr {cidr.Cidr}",
        FqdnClause fqdn => $"fqdn {fqdn.Fqdn}",
        _ => throw new InvalidOperationException($"no such clause: {clause}"),
    };
}

/// <summary>How one side decided: its tiers, in order, down to the one that decided.</summary>
/// <param name="Tiers">Tiers without a policy are left out.</param>
public sealed record ExplainedSide(PlacedInterface Interface, SideDecision Decision, ValueList<ExplainedTier> Tiers);

/// <summary>What was looked at in a tier.</summary>
/// <param name="Rules">In the order in which they were looked at; the last one counts where <paramref name="End"/> is not <see cref="TierEnd.NothingCounts"/>.</param>
/// <param name="PoliciesNotApplied">Policies ahead of the deciding rule that are not applied to the workload; their rules are not among <paramref name="Rules"/>, unless all were asked for.</param>
/// <param name="RulesNotApplied">How many rules those have.</param>
/// <param name="RulesNotListed">Rules that were looked at and are not in <paramref name="Rules"/>, which would be too long.</param>
public sealed record ExplainedTier(Tier Tier, ValueList<ExplainedRule> Rules, TierEnd End, int PoliciesNotApplied, int RulesNotApplied, int RulesNotListed);

public enum TierEnd
{
    /// <summary>No rule of the tier counts: on with the next.</summary>
    NothingCounts,

    /// <summary>The last rule passes: on with the next tier.</summary>
    Passed,

    /// <summary>The last rule decides.</summary>
    Decided,
}

/// <summary>What became of a rule that was looked at: the first reason why it does not count, in the order of this list.</summary>
public enum RuleOutcome
{
    /// <summary>It does not exist (mode: disabled).</summary>
    Disabled,

    /// <summary>It is for the other side.</summary>
    Direction,

    /// <summary>The workload is not in the policy's appliedTo.</summary>
    AppliedTo,

    /// <summary>The source is not in from.</summary>
    From,

    /// <summary>The destination is not in to.</summary>
    To,

    /// <summary>No service matches.</summary>
    Services,

    /// <summary>All of it matches, but it only observes.</summary>
    Observes,

    /// <summary>All of it matches.</summary>
    Counts,
}

/// <param name="Matched">What matched, where all of it does.</param>
public sealed record ExplainedRule(RuleKey Key, Rule Rule, RuleOutcome Outcome, RuleMatch? Matched);

/// <summary>The first entry of each list that has the connection; null where the list is empty, which is any.</summary>
public sealed record RuleMatch(Peer? AppliedTo, Peer? From, Peer? To, ServiceReference? Service);
