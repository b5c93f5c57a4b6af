using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Decisions;

namespace Osc.Scenarios.Large;

/// <summary>
/// What a host's rules would take in flows that match addresses, counted from the documents alone. A rule holds on a side for the
/// addresses of the far end that it names, the host's own addresses that it is for, and its ports: a masked match for each
/// aligned block of a range.
/// </summary>
/// <param name="Product">For each rule a flow for each combination of far address, near address and port match.</param>
/// <param name="Sum">For each rule a flow for each far address, near address and port match, and one; and one for each address that any rule names.</param>
public sealed record FlowSizes(long Product, long Sum)
{
    public static FlowSizes Of(State state, Name host)
    {
        var local = state.Interfaces.Where(i => i.Interface.Attachment?.Host == host).ToLookup(i => i.Tenant);
        var named = new HashSet<(QualifiedName Vrf, Prefix Prefix)>();
        var (product, sum) = (0L, 0L);
        foreach (var (policy, rule, side, tenant) in Sides(state, local.Select(t => t.Key)))
        {
            var (near, far) = side == Direction.In ? (rule.To, rule.From) : (rule.From, rule.To);
            var own = local[tenant].SelectMany(i => i.Interface.Addresses.Select(a => (i.Vrf, Address: a)))
                .Count(a => Membership.OfAny(state, policy.Metadata.Tenant, near, a.Vrf, a.Address) && Membership.OfAny(state, policy.Metadata.Tenant, policy.AppliedTo, a.Vrf, a.Address));
            if (own == 0)
            {
                continue;
            }

            var there = Named(state, policy.Metadata.Tenant, far).ToHashSet();
            named.UnionWith(there);
            var nearSize = near.Count == 0 && policy.AppliedTo.Count == 0 ? 0 : own;
            var ports = rule.Services.SelectMany(state.PortsOf).Sum(p => IsAnyPort(p) ? 1 : BlocksOf(p.Ports));
            product += Math.Max(1L, nearSize) * (far.Count == 0 ? 1 : there.Count) * Math.Max(1, ports);
            sum += nearSize + there.Count + ports + 1;
        }

        return new(product, sum + named.Count);
    }

    private static IEnumerable<(PolicyDocument Policy, Rule Rule, Direction Side, Name Tenant)> Sides(State state, IEnumerable<Name> tenants) =>
        from tenant in tenants
        from policy in state.PoliciesOf(tenant)
        from rule in policy.Rules
        from side in new[] { Direction.Out, Direction.In }
        where rule.Direction == Direction.Both || rule.Direction == side
        select (policy, rule, side, tenant);

    /// <summary>The addresses and ranges that peers have: those of workloads, and those that are written out.</summary>
    private static IEnumerable<(QualifiedName Vrf, Prefix Prefix)> Named(State state, Name tenant, ValueList<Peer> peers)
    {
        var vrfs = state.Vrfs.Where(v => state.IsVrfOf(tenant, v)).ToArray();
        var literals = peers.SelectMany(p => p is CidrPeer cidr ? [cidr.Cidr] : p is GroupPeer group ? RangesOf(state, group.Group) : []);
        var groups = peers.Where(p => p is GroupPeer).ToValueList();
        var owned = groups.Count == 0 ? [] : state.Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (i.Vrf, Address: a)))
            .Where(a => Membership.OfAny(state, tenant, groups, a.Vrf, a.Address)).Select(a => (a.Vrf, Prefix.Of(a.Address)));
        return owned.Concat(literals.SelectMany(l => vrfs.Select(v => (v, l))));
    }

    private static IEnumerable<Prefix> RangesOf(State state, QualifiedName group) => state.Group(group).Members.SelectMany(c => c switch
    {
        CidrClause cidr => [cidr.Cidr],
        GroupClause inner => RangesOf(state, inner.Group),
        _ => [],
    });

    private static bool IsAnyPort(ServicePort port) => port.Protocol is not { } protocol || !IpProtocol.HasPorts(protocol);

    /// <summary>The aligned blocks of a power of two that a range falls into.</summary>
    private static int BlocksOf(PortRange range)
    {
        var blocks = 0;
        for (var first = (uint)range.First; first <= range.Last; blocks++)
        {
            var block = first == 0 ? 1u << 16 : first & (uint)-(int)first;
            while (first + block - 1 > range.Last)
            {
                block >>= 1;
            }

            first += block;
        }

        return blocks;
    }
}
