using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Groups;

namespace Osc.Policy.Compile;

/// <summary>A rule and the policy that it stands in.</summary>
internal sealed record PlacedRule(PolicyDocument Policy, Rule Rule)
{
    public Name Tenant => Policy.Metadata.Tenant;

    public RuleKey Key => new(Policy.QualifiedName, Rule.Name);

    /// <summary>Whether it stands in a tenant's workloads.</summary>
    public bool IsFor(Name tenant) => Tenant == Tenants.System || Tenant == tenant;
}

/// <summary>
/// A rule on one side. Of its two lists of peers one is about the side's own address, where the rule is enforced (from on the
/// out side, to on the in side), and the other about the far end, which the rule names.
/// </summary>
internal sealed record SidedRule(PlacedRule Rule, RuleSide Side)
{
    /// <summary>What the side's own address must be in; empty is anything.</summary>
    public IReadOnlyList<TenantPeer> Enforced { get; } = Peers(Rule, Side.Direction == Direction.Out ? Rule.Rule.From : Rule.Rule.To);

    /// <summary>What it must be in besides; empty is anything.</summary>
    public IReadOnlyList<TenantPeer> AppliedTo { get; } = Peers(Rule, Rule.Policy.AppliedTo);

    /// <summary>What the far end must be in: groups, whose members' classes the rule's flows name; and literal ranges, which they match themselves.</summary>
    public IReadOnlyList<TenantPeer> Named { get; } = Peers(Rule, Side.Direction == Direction.Out ? Rule.Rule.To : Rule.Rule.From);

    /// <summary>Whether it is enforced at some addresses of its tenant only.</summary>
    public bool IsNarrowed => Enforced.Count > 0 || AppliedTo.Count > 0;

    /// <summary>The table that its flows are in.</summary>
    public PipelineTable Table => Side.TableOf(Rule.Policy.Tier);

    public IEnumerable<TenantPeer> NamedGroups => Named.Where(p => p.IsGroup);

    /// <summary>The literal ranges that the far end may be in, as few as say the same.</summary>
    public IReadOnlyList<Prefix> NamedRanges => Named.All(static p => p.IsGroup) ? [] : PrefixUnion.Of(Named.Select(p => p.Peer).OfType<CidrPeer>().Select(p => p.Cidr));

    private static TenantPeer[] Peers(PlacedRule rule, ValueList<Peer> peers) => peers.Count == 0 ? [] : [.. peers.Select(p => new TenantPeer(rule.Tenant, p))];
}
