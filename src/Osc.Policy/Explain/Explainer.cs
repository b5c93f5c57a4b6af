using System.Collections.Concurrent;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;

namespace Osc.Policy.Explain;

/// <summary>
/// Explains connections of one state: verdict, every rule looked at, group memberships clause by clause. Says the same verdict
/// and rules as <see cref="Decider"/>. Lays out a tenant's policies when it is first asked about the tenant; any thread may ask.
/// </summary>
public sealed class Explainer
{
    /// <summary>Rules that are listed for a side, unless all are asked for; the rest is counted.</summary>
    public const int MostRules = 500;

    private readonly State state;
    private readonly Lazy<GroupIndex> groups;
    private readonly ConcurrentDictionary<Name, AppliedPolicies> policies;

    public Explainer(State state)
        : this(state, new(() => new GroupIndex(state)), [])
    {
    }

    private Explainer(State state, Lazy<GroupIndex> groups, ConcurrentDictionary<Name, AppliedPolicies> policies)
    {
        this.state = state;
        this.groups = groups;
        this.policies = policies;
    }

    public State State => state;

    /// <summary>The explainer of another state. What was laid out for this one is kept where it is the same, so that few changes cost little.</summary>
    /// <param name="other">Another state.</param>
    /// <param name="changed">All documents in which the two states differ; more do no harm.</param>
    public Explainer For(State other, IReadOnlyCollection<DocumentKey> changed)
    {
        var named = changed.Where(k => k.Kind == Kind.SecurityGroup).Select(k => k.QualifiedName).ToArray();
        var index = named.Length == 0 ? groups
            : groups.IsValueCreated && groups.Value.For(other, named) is { } known ? new(known)
            : null;
        if (index is null || changed.Any(k => k.Kind == Kind.DnsName))
        {
            return new(other, new(() => new GroupIndex(other)), []);
        }

        var tenants = changed.Where(k => k.Kind == Kind.Policy).Select(k => k.Tenant).ToHashSet();
        return new(other, index, tenants.Contains(Tenants.System) ? [] : new(policies.Where(p => !tenants.Contains(p.Key))));
    }

    /// <param name="all">Also lists the rules of policies that are not applied to the workload, and more than <see cref="MostRules"/>.</param>
    public Explanation Explain(Connection connection, bool all = false)
    {
        var source = new AddressGroups(state, groups.Value, connection.Vrf, connection.Source);
        var destination = new AddressGroups(state, groups.Value, connection.Vrf, connection.Destination);
        var sourceOwner = state.OwnerOf(connection.Vrf, connection.Source);
        var destinationOwner = state.OwnerOf(connection.Vrf, connection.Destination);
        var sourceEnd = new ExplainedEnd(connection.Source, sourceOwner, source.Explain());
        var destinationEnd = new ExplainedEnd(connection.Destination, destinationOwner, destination.Explain());
        if (BeforePolicy.Decide(state, connection) is { } verdict)
        {
            return new(connection, new(verdict, null, null), SettledBefore(connection, verdict), sourceEnd, destinationEnd, null, null);
        }

        var question = (connection, source, destination);
        var outSide = sourceOwner is null ? null : ExplainSide(question, sourceOwner, Direction.Out, all);
        var inSide = destinationOwner is null || BeforePolicy.IsDhcpAnswer(connection) ? null : ExplainSide(question, destinationOwner, Direction.In, all);
        var total = outSide is { Decision.Verdict: not Verdict.Allow and var stopped } ? stopped : inSide?.Decision.Verdict ?? Verdict.Allow;
        return new(connection, new(total, outSide?.Decision, inSide?.Decision), null, sourceEnd, destinationEnd, outSide, inSide);
    }

    private ExplainedSide ExplainSide((Connection Connection, AddressGroups Source, AddressGroups Destination) question, PlacedInterface side, Direction direction, bool all)
    {
        var standing = policies.GetOrAdd(side.Tenant, tenant => new AppliedPolicies(state, groups.Value.Numbers, tenant));
        return new SideExplainer(state, standing, question, direction, all).Explain(side);
    }

    private static SettledBy SettledBefore(Connection connection, Verdict verdict) =>
        BeforePolicy.IsNeighbourDiscovery(connection) ? SettledBy.NeighbourDiscovery : verdict == Verdict.Allow ? SettledBy.Dhcp : SettledBy.Multicast;
}
