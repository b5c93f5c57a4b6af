using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Groups;

namespace Osc.Policy.Incremental;

/// <summary>A rule on one of its sides, with the groups that it asks for. Its place among its policy's rules may change; all else is fixed.</summary>
internal sealed class RuleNode
{
    public RuleNode(State state, PolicyNode policy, SidedRule sided, Func<QualifiedName, GroupNode> groupOf)
    {
        Policy = policy;
        Sided = sided;
        Enforced = PeerList.Of(sided.Enforced, groupOf);
        AppliedTo = PeerList.Of(sided.AppliedTo, groupOf);
        Named = PeerList.Of(sided.Named, groupOf);
        Ranges = sided.NamedRanges;
        Services = ServiceMasks.Of(sided.Rule.Rule.Services.SelectMany(state.PortsOf));
    }

    public PolicyNode Policy { get; }

    public SidedRule Sided { get; }

    /// <summary>From 0, among the rules of its policy.</summary>
    public int Position { get; set; }

    /// <summary>Bridges at some of whose addresses it is enforced.</summary>
    public HashSet<BridgeNode> Bridges => field ??= [];

    public PeerList Enforced { get; }

    public PeerList AppliedTo { get; }

    public PeerList Named { get; }

    /// <summary>Literal ranges of the far end.</summary>
    public IReadOnlyList<Prefix> Ranges { get; }

    public IReadOnlyList<(uint Value, uint Mask)>? Services { get; }

    public Name Tenant => Sided.Rule.Tenant;

    public RuleKey Key => Sided.Rule.Key;

    public PipelineTable Table => Sided.Table;

    /// <summary>Whether it only counts what it would decide.</summary>
    public bool Observes => Sided.Rule.Rule.Mode == RuleMode.Observe;

    /// <summary>The chain that it inspects by; null: none.</summary>
    public QualifiedName? Chain => InspectedChains.ChainOf(Sided);

    public RuleAction Action => Sided.Rule.Rule.Action;

    /// <summary>
    /// The groups one of which an address must be in for the rule to be enforced at it; null if groups alone do not tell, and
    /// every address of the tenant has to be asked.
    /// </summary>
    public IReadOnlyList<GroupNode>? Anchors => !AppliedTo.IsAnything ? AppliedTo.GroupsAlone : Enforced.GroupsAlone;

    /// <summary>Whether it is enforced at an address that is in these groups.</summary>
    public bool IsEnforcedAt(Name tenant, GroupSet groups, IpAddress address) =>
        Sided.Rule.IsFor(tenant) && Enforced.Has(groups, address) && AppliedTo.Has(groups, address);

    public override string ToString() => $"{Key} {Sided.Side.Direction}";
}

/// <summary>A list of peers: groups and literal ranges. An empty list is anything.</summary>
internal sealed class PeerList
{
    private static readonly PeerList Anything = new([], []);

    /// <summary>Lists of more groups are searched by hash.</summary>
    private const int ShortList = 8;

    private readonly HashSet<GroupNode>? byGroup;

    private PeerList(GroupNode[] groups, TenantPeer[] ranges)
    {
        Groups = groups;
        Ranges = ranges;
        byGroup = groups.Length > ShortList ? [.. groups] : null;
    }

    public GroupNode[] Groups { get; }

    public TenantPeer[] Ranges { get; }

    public bool IsAnything => Groups.Length == 0 && Ranges.Length == 0;

    /// <summary>The groups, if there is nothing else.</summary>
    public IReadOnlyList<GroupNode>? GroupsAlone => Groups.Length > 0 && Ranges.Length == 0 ? Groups : null;

    public static PeerList Of(IReadOnlyList<TenantPeer> peers, Func<QualifiedName, GroupNode> groupOf) => peers switch
    {
        [] => Anything,
        [{ Peer: GroupPeer only }] => new([groupOf(only.Group)], []),
        _ => new([.. peers.Select(p => p.Peer).OfType<GroupPeer>().Select(p => groupOf(p.Group)).Distinct()], [.. peers.Where(p => !p.IsGroup).DistinctBy(p => p.Key)]),
    };

    public bool Has(GroupSet groups, IpAddress address) => IsAnything || HasAnyOf(groups) || HasAddress(address);

    public bool HasAnyOf(GroupSet groups)
    {
        foreach (var group in groups.Groups)
        {
            if (Has(group))
            {
                return true;
            }
        }

        return false;
    }

    public bool Has(GroupNode group) => byGroup?.Contains(group) ?? Array.IndexOf(Groups, group) >= 0;

    public bool HasAddress(IpAddress address)
    {
        foreach (var range in Ranges)
        {
            if (range.HasAddress(address))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A policy and its enforced rules.</summary>
internal sealed class PolicyNode(QualifiedName name)
{
    public QualifiedName Name { get; } = name;

    /// <summary>null once it is deleted.</summary>
    public PolicyDocument? Document { get; set; }

    /// <summary>Out and in sides, in the order of the rules.</summary>
    public List<RuleNode> Rules { get; set; } = [];
}

/// <summary>The order in which rules of one table decide: the system's first, then by tenant, by the policies' order and name, by position.</summary>
internal sealed class RuleOrder : IComparer<RuleNode>
{
    public static readonly RuleOrder Instance = new();

    public int Compare(RuleNode? x, RuleNode? y)
    {
        if (x is null || y is null || ReferenceEquals(x, y))
        {
            return 0;
        }

        if (x.Tenant != y.Tenant)
        {
            return x.Tenant == Tenants.System ? -1 : y.Tenant == Tenants.System ? 1 : x.Tenant.CompareTo(y.Tenant);
        }

        var (left, right) = (x.Sided.Rule.Policy, y.Sided.Rule.Policy);
        var byOrder = left.Order.CompareTo(right.Order);
        if (byOrder != 0)
        {
            return byOrder;
        }

        var byName = left.Metadata.Name.CompareTo(right.Metadata.Name);
        return byName != 0 ? byName : x.Position.CompareTo(y.Position);
    }
}
