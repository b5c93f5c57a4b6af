using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>Where verdicts can change when documents do: regions that no connection outside of can tell the two states apart.</summary>
internal sealed class ChangedRegions
{
    private readonly PolicyMeaning before;
    private readonly PolicyMeaning after;
    private readonly RegionList regions = new();
    private readonly HashSet<QualifiedName> groups = [];

    /// <summary>Addresses that keep their workload's tenant but may have come to or gone from groups.</summary>
    private readonly List<(QualifiedName Vrf, IpAddress Address)> relabelled = [];

    private ChangedRegions(PolicyMeaning before, PolicyMeaning after)
    {
        this.before = before;
        this.after = after;
    }

    /// <returns>Regions of which no two have a connection in both.</returns>
    public static IReadOnlyList<Region> Of(PolicyMeaning before, PolicyMeaning after, DocumentChanges changes)
    {
        var found = new ChangedRegions(before, after);
        foreach (var change in changes)
        {
            found.Add(change);
        }

        found.AddGroups();
        found.AddRelabelled();
        return found.regions.Disjoint();
    }

    private void Add(DocumentChange change)
    {
        switch (change.Key.Kind)
        {
            case Kind.Policy:
                AddPolicy(change);
                break;
            case Kind.SecurityGroup:
                groups.Add(change.Key.QualifiedName);
                break;
            case Kind.DnsName:
                groups.UnionWith(before.State.ReferrersOf(change.Key).Concat(after.State.ReferrersOf(change.Key)).Select(r => r.QualifiedName)); // only groups name one
                break;
            case Kind.Service:
                foreach (var meaning in new[] { before, after })
                {
                    AddWhole(meaning, meaning.Rules.Rules.Where(r => r.Rule.Services.Any(s => s is NamedService named && named.Service == change.Key.QualifiedName)));
                }

                break;
            case Kind.Tenant:
                AddTenant(change.Key.Name);
                break;
            case Kind.Workload:
                AddWorkload((WorkloadDocument?)change.Before, (WorkloadDocument?)change.After);
                break;
            case Kind.Network:
                AddNetwork((NetworkDocument?)change.Before, (NetworkDocument?)change.After);
                break;
            default:
                break; // hosts, clouds, chains and assertions decide nothing
        }
    }

    /// <summary>Rules that stand before and after all that differs keep their places among the others.</summary>
    private void AddPolicy(DocumentChange change)
    {
        var (was, now) = ((PolicyDocument?)change.Before, (PolicyDocument?)change.After);
        int head = 0, tail = 0;
        if (was is not null && now is not null && was with { Rules = now.Rules, Metadata = now.Metadata } == now)
        {
            while (head < Math.Min(was.Rules.Count, now.Rules.Count) && was.Rules[head] == now.Rules[head])
            {
                head++;
            }

            while (tail < Math.Min(was.Rules.Count, now.Rules.Count) - head && was.Rules[^(tail + 1)] == now.Rules[^(tail + 1)])
            {
                tail++;
            }
        }

        foreach (var (meaning, policy) in new[] { (before, was), (after, now) })
        {
            if (policy is not null)
            {
                var touched = policy.Rules.Skip(head).SkipLast(tail).Select(r => r.Name).ToHashSet();
                AddWhole(meaning, meaning.Rules.OfPolicy(policy.QualifiedName).Where(r => touched.Contains(r.Rule.Name)));
            }
        }
    }

    private void AddWhole(PolicyMeaning meaning, IEnumerable<MeantRule> rules)
    {
        foreach (var (region, _) in rules.SelectMany(r => RuleRegion.Of(meaning, r)))
        {
            regions.Add(region);
        }
    }

    private void AddTenant(Name tenant)
    {
        if (before.State.DefaultActionOf(tenant) != after.State.DefaultActionOf(tenant))
        {
            foreach (var owned in after.State.Interfaces.Where(i => i.Tenant == tenant).GroupBy(i => i.Vrf, i => i.Interface.Addresses))
            {
                AddFromAndTo(owned.Key, AddressSet.Of(owned.SelectMany(a => a)));
            }
        }
    }

    private void AddWorkload(WorkloadDocument? was, WorkloadDocument? now)
    {
        var old = AddressesOf(before.State, was);
        var current = AddressesOf(after.State, now);
        foreach (var (key, network) in old.Concat(current).Distinct().ToArray())
        {
            if (old.Contains((key, network)) && current.Contains((key, network)))
            {
                relabelled.Add(key);
            }
            else
            {
                AddFromAndTo(key.Vrf, AddressSet.Of(key.Address));
            }
        }
    }

    private static HashSet<((QualifiedName Vrf, IpAddress Address) Key, QualifiedName Network)> AddressesOf(State state, WorkloadDocument? workload) =>
        [.. (workload?.Interfaces ?? []).SelectMany(i => i.Addresses.Select(a => ((state.Network(i.Network).Vrf, a), i.Network)))];

    private void AddNetwork(NetworkDocument? was, NetworkDocument? now)
    {
        foreach (var vrf in new[] { was, now }.OfType<NetworkDocument>().Select(n => n.Vrf).Distinct())
        {
            var tenant = (was ?? now)!.Metadata.Tenant; // one of them is there
            var moved = was is not null && now is not null && was.Vrf != now.Vrf;
            if (moved || before.State.IsVrfOf(tenant, vrf) != after.State.IsVrfOf(tenant, vrf))
            {
                regions.Add(new(vrf, AddressSet.All, AddressSet.All));
            }
            else
            {
                regions.Add(new(vrf, AddressSet.All, before.ReceiversOf(vrf).Union(after.ReceiversOf(vrf))));
            }
        }
    }

    /// <summary>Groups that name a changed group change with it.</summary>
    private void AddGroups()
    {
        var waiting = new Queue<QualifiedName>(groups);
        while (waiting.TryDequeue(out var group))
        {
            var key = new DocumentKey(group.Tenant, Kind.SecurityGroup, group.Name);
            foreach (var parent in before.State.ReferrersOf(key).Concat(after.State.ReferrersOf(key)).Where(r => r.Kind == Kind.SecurityGroup))
            {
                if (groups.Add(parent.QualifiedName))
                {
                    waiting.Enqueue(parent.QualifiedName);
                }
            }
        }

        var vrfs = before.State.Vrfs.Union(after.State.Vrfs).ToArray();
        foreach (var group in groups)
        {
            foreach (var vrf in vrfs)
            {
                var difference = MembersOf(before, group, vrf).Difference(MembersOf(after, group, vrf));
                if (!difference.IsEmpty)
                {
                    AddMembers(new GroupPeer(group), vrf, difference);
                }
            }
        }
    }

    private static AddressSet MembersOf(PolicyMeaning meaning, QualifiedName group, QualifiedName vrf) =>
        meaning.State.Documents.Contains(new(group.Tenant, Kind.SecurityGroup, group.Name)) ? meaning.AddressesOf(group, vrf) : AddressSet.Empty;

    private void AddRelabelled()
    {
        foreach (var (vrf, address) in relabelled)
        {
            var (was, now) = (before.PeersWith(vrf, address), after.PeersWith(vrf, address));
            foreach (var peer in was.Except(now).Concat(now.Except(was)))
            {
                AddMembers(peer, vrf, AddressSet.Of(address));
            }
        }
    }

    /// <summary>Some addresses came to a peer, or left it: that changes what rules naming it count for, in the role in which they name it.</summary>
    private void AddMembers(Peer peer, QualifiedName vrf, AddressSet members)
    {
        foreach (var meaning in new[] { before, after })
        {
            foreach (var rule in meaning.Rules.Naming(peer))
            {
                var (from, to) = (meaning.AddressesOf(rule.Tenant, rule.Rule.From, vrf), meaning.AddressesOf(rule.Tenant, rule.Rule.To, vrf));
                if (rule.Rule.From.Contains(peer) || rule.Policy.AppliedTo.Contains(peer))
                {
                    regions.Add(new(vrf, members, to));
                }

                if (rule.Rule.To.Contains(peer) || rule.Policy.AppliedTo.Contains(peer))
                {
                    regions.Add(new(vrf, from, members));
                }
            }
        }
    }

    private void AddFromAndTo(QualifiedName vrf, AddressSet addresses)
    {
        regions.Add(new(vrf, addresses, AddressSet.All));
        regions.Add(new(vrf, AddressSet.All, addresses));
    }
}
