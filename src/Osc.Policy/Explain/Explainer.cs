using System.Collections.Concurrent;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Explain;

/// <summary>
/// Explains connections of one state: verdict, every rule looked at, group memberships clause by clause. Says the same verdict
/// and rules as <see cref="Decider"/>. Lays out a tenant's policies when it is first asked about the tenant; any thread may ask.
/// </summary>
public sealed class Explainer(State state)
{
    /// <summary>Rules that are listed for a side, unless all are asked for; the rest is counted.</summary>
    public const int MostRules = 500;

    private readonly Lazy<GroupIndex> groups = new(() => new GroupIndex(state));
    private readonly Lazy<PolicyMeaning> meaning = new(() => new PolicyMeaning(state));
    private readonly ConcurrentDictionary<Name, AppliedPolicies> policies = [];

    public State State => state;

    /// <summary>The same state for questions about sets of connections.</summary>
    public PolicyMeaning Meaning => meaning.Value;

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
        var standing = policies.GetOrAdd(side.Tenant, tenant => new AppliedPolicies(state, groups.Value, tenant));
        return new SideExplainer(state, standing, question, direction, all).Explain(side);
    }

    private static SettledBy SettledBefore(Connection connection, Verdict verdict) =>
        BeforePolicy.IsNeighbourDiscovery(connection) ? SettledBy.NeighbourDiscovery : verdict == Verdict.Allow ? SettledBy.Dhcp : SettledBy.Multicast;
}
