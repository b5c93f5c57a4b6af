using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>
/// One run of the engine from a state to the next: first what all hosts have in common, in the order of <see cref="EngineGraph"/>,
/// then the bridges that it concerns. A host whose networks, vrfs or tenants change, or whose own document does, is made anew.
/// </summary>
internal sealed class EngineUpdate(State before, State after, DocumentChanges documents, Memberships memberships, RuleIndex rules, Dictionary<Name, HostNode> hosts)
{
    private readonly EngineChange change = new(before, documents);
    private readonly Dictionary<Name, HostFlows> remade = [];
    private readonly List<BridgeNode> working = [];
    private readonly IdentityCache identities = new();
    private EngineChange? takenBack;

    public EngineChange Run()
    {
        UpdateInventory();
        UpdateNames();
        UpdateGroups();
        memberships.Resolve();
        foreach (var address in memberships.Touched)
        {
            Concern(address);
        }

        UpdateRules();
        UpdateTenants();
        change.Affected = [.. working.Select(b => b.Host.Name).Concat(remade.Keys).Distinct()];
        change.WorkOut = () =>
        {
            HostChange[] changed = [.. UpdateHosts().OrderBy(h => h.Host)];
            memberships.Settle();
            return changed;
        };
        return change;
    }

    /// <summary>The run back: what comes of it for flows is known already.</summary>
    public void TakeBack(EngineChange done)
    {
        takenBack = done;
        Run().Finish();
        foreach (var (name, numbering) in done.Remade.Where(r => hosts.TryGetValue(r.Key, out var host) && !host.IsFollowed))
        {
            hosts[name].Follow(after, memberships, rules, numbering);
        }

        foreach (var host in change.Touched.Concat(done.Touched).Where(h => h.IsFollowed && hosts.GetValueOrDefault(h.Name) == h).ToHashSet())
        {
            host.Restore(after);
        }
    }

    private IEnumerable<(DocumentKey Key, T? Before, T? After)> Of<T>(Kind kind)
        where T : Document => documents.Where(d => d.Key.Kind == kind).Select(d => (d.Key, d.Before as T, d.After as T));

    private void UpdateInventory()
    {
        var networks = Of<NetworkDocument>(Kind.Network).ToArray();
        var vrfs = networks.SelectMany(n => new[] { n.Before?.Vrf, n.After?.Vrf }).OfType<QualifiedName>().ToHashSet();
        var newHosts = Of<HostDocument>(Kind.Host).ToArray();

        var moving = Of<WorkloadDocument>(Kind.Workload).ToDictionary(w => memberships.Workload(w.Key.QualifiedName), w => w.After);
        var alongside = networks.SelectMany(n => memberships.WorkloadsOf(n.Key.QualifiedName))
            .Concat(newHosts.SelectMany(h => hosts.GetValueOrDefault(h.Key.Name)?.Bridges ?? []).SelectMany(b => b.Interfaces).Select(i => memberships.Workload(i.Workload.QualifiedName)));
        foreach (var workload in alongside)
        {
            moving.TryAdd(workload, workload.Document);
        }

        var made = newHosts.Where(h => h.After is not null).ToDictionary(h => h.Key.Name, h => new HostNode(h.After!)); // filtered
        var placements = moving.ToDictionary(m => m.Key, m => m.Value is { } document ? document.Interfaces.Select(i => Place(document, i, made)).ToArray() : []);
        foreach (var host in vrfs.Count + newHosts.Length == 0 ? [] : hosts.Values.Where(h => h.IsFollowed && (h.Bridges.Any(b => vrfs.Overlaps(b.Policy!.Vrfs)) || newHosts.Any(n => n.Key.Name == h.Name))).ToArray())
        {
            Remake(host);
        }

        foreach (var bridge in OtherwiseSet(placements).ToArray())
        {
            Remake(bridge.Host);
        }

        var unplugged = moving.Keys.ToDictionary(w => w, w => w.Placements.ToArray());
        foreach (var workload in moving.Keys)
        {
            memberships.Detach(workload);
        }

        ReplaceHosts(newHosts.Select(h => (h.Key.Name, made.GetValueOrDefault(h.Key.Name))));
        RefreshVrfs(networks, vrfs);
        foreach (var (workload, document) in moving)
        {
            foreach (var (placed, bridge) in placements[workload])
            {
                memberships.Attach(workload, placed, bridge);
            }

            if (!ReferenceEquals(workload.Document, document))
            {
                memberships.Relabel(workload, document);
            }
        }

        foreach (var (workload, old) in unplugged)
        {
            Replug(old, placements[workload]);
        }
    }

    private (PlacedInterface Interface, BridgeNode? Bridge) Place(WorkloadDocument workload, Interface card, Dictionary<Name, HostNode> made)
    {
        var host = card.Attachment is { } attachment ? made.GetValueOrDefault(attachment.Host) ?? hosts[attachment.Host] : null;
        return (new(workload, card, after.Network(card.Network)), host?.BridgeOf(card.Attachment!)); // a host was found for it
    }

    /// <summary>Bridges that will have other networks, vrfs or tenants.</summary>
    private IEnumerable<BridgeNode> OtherwiseSet(Dictionary<WorkloadNode, (PlacedInterface Interface, BridgeNode? Bridge)[]> placements)
    {
        var leaving = placements.Keys.SelectMany(w => w.Placements).Where(p => p.Bridge?.Policy is not null).ToLookup(p => p.Bridge!, p => p.Interface);
        var coming = placements.Values.SelectMany(p => p).Where(p => p.Bridge?.Policy is not null).ToLookup(p => p.Bridge!, p => p.Interface);
        foreach (var bridge in leaving.Select(l => l.Key).Union(coming.Select(c => c.Key)))
        {
            if (Sets(leaving[bridge]).SetEquals(Sets(coming[bridge])))
            {
                continue;
            }

            var policy = bridge.Policy!; // filtered
            var then = bridge.Interfaces.Except(leaving[bridge]).Concat(coming[bridge]).ToArray();
            if (!then.Select(i => i.Network.QualifiedName).ToHashSet().SetEquals(policy.Networks) || !then.Select(i => i.Tenant).ToHashSet().SetEquals(policy.Tenants))
            {
                yield return bridge;
            }
        }

        static HashSet<(QualifiedName, Name)> Sets(IEnumerable<PlacedInterface> interfaces) => [.. interfaces.Select(i => (i.Network.QualifiedName, i.Tenant))];
    }

    private void Remake(HostNode host)
    {
        if (remade.ContainsKey(host.Name))
        {
            return;
        }

        remade.Add(host.Name, host.Flows(before));
        change.Remade.Add(host.Name, host.Numbering());
        foreach (var bridge in host.Bridges)
        {
            bridge.Policy!.Forget(); // followed hosts alone are made anew
            bridge.Policy = null;
        }
    }

    private void ReplaceHosts(IEnumerable<(Name Name, HostNode? Made)> replaced)
    {
        foreach (var (name, made) in replaced)
        {
            var had = hosts.Remove(name);
            if (made is not null)
            {
                hosts.Add(name, made);
            }

            change.Created = made is not null && !had ? [.. change.Created, name] : change.Created;
            change.Deleted = made is null ? [.. change.Deleted, name] : change.Deleted;
        }
    }

    private void RefreshVrfs(IReadOnlyList<(DocumentKey Key, NetworkDocument? Before, NetworkDocument? After)> networks, HashSet<QualifiedName> vrfs)
    {
        // A range counts where its tenant's networks are; what else a network says cuts nothing.
        foreach (var vrf in vrfs.Where(v => networks.Any(n => (n.Before?.Vrf == v) != (n.After?.Vrf == v))))
        {
            memberships.Refresh(after, vrf);
        }
    }

    private void Replug((PlacedInterface Interface, BridgeNode? Bridge)[] old, (PlacedInterface Interface, BridgeNode? Bridge)[] now)
    {
        foreach (var (placed, bridge) in old.Where(o => IsFollowed(o) && !now.Any(n => n.Bridge == o.Bridge && IsSame(n.Interface, o.Interface))))
        {
            WorkOf(bridge)!.Unplugged.Add(placed); // followed
        }

        foreach (var (placed, bridge) in now.Where(n => IsFollowed(n) && !old.Any(o => o.Bridge == n.Bridge && IsSame(o.Interface, n.Interface))))
        {
            WorkOf(bridge)!.Plugged.Add(placed); // followed
        }

        static bool IsFollowed((PlacedInterface Interface, BridgeNode? Bridge) placement) => placement.Bridge?.Policy is not null;

        static bool IsSame(PlacedInterface left, PlacedInterface right) =>
            left.Interface.Equals(right.Interface) && left.Network.Equals(right.Network) && left.Workload.QualifiedName == right.Workload.QualifiedName;
    }

    private void UpdateNames()
    {
        foreach (var (_, then, now) in Of<DnsNameDocument>(Kind.DnsName))
        {
            foreach (var fqdn in new[] { then?.Fqdn, now?.Fqdn }.OfType<string>().Distinct())
            {
                memberships.Resolve(after, fqdn);
            }
        }
    }

    private void UpdateGroups() =>
        memberships.Update(before, after, [.. Of<SecurityGroupDocument>(Kind.SecurityGroup).Select(g => (memberships.Group(g.Key.QualifiedName), g.After))]);

    /// <summary>Tells the bridges that may know a touched address: those whose rules name a group of it, and its own.</summary>
    private void Concern(AddressNode address)
    {
        var then = address.Before!; // touched
        if (then.Existed == address.Exists && then.Groups == address.Groups && then.Bridge == address.Bridge && then.Tenant == address.Tenant)
        {
            return;
        }

        foreach (var group in then.Groups.Groups)
        {
            Tell(group.NeededBy);
        }

        if (then.Groups != address.Groups)
        {
            foreach (var group in address.Groups.Groups)
            {
                Tell(group.NeededBy);
            }
        }

        if (then.Existed != address.Exists || then.Tenant != address.Tenant)
        {
            foreach (var group in address.Vrf.RangesAround(address.Prefix).SelectMany(r => r.Groups.Groups))
            {
                Tell(group.NeededBy);
            }

            var isBroadcast = after.NetworksOf(address.Vrf.Name).Any(n => n.Subnets.Any(s => s.Last == address.Prefix.Network));
            foreach (var bridge in isBroadcast ? hosts.Values.SelectMany(h => h.Bridges).Where(b => b.Policy?.Vrfs.Contains(address.Vrf.Name) == true) : [])
            {
                WorkOf(bridge)!.ChangesJoints = true; // it has a policy
            }
        }

        Tell(then.Bridge is null ? [] : [then.Bridge]);
        Tell(address.Bridge is null ? [] : [address.Bridge]);

        void Tell(IEnumerable<BridgeNode> bridges)
        {
            foreach (var bridge in bridges)
            {
                if (WorkOf(bridge) is { } work && (work.Touched.Count == 0 || work.Touched[^1] != address))
                {
                    work.Touched.Add(address);
                }
            }
        }
    }

    private void UpdateRules()
    {
        var services = Of<ServiceDocument>(Kind.Service).Select(s => s.Key.QualifiedName).ToHashSet();
        var policies = Of<PolicyDocument>(Kind.Policy).ToDictionary(p => rules.Policy(p.Key.QualifiedName), p => p.After);
        foreach (var user in services.SelectMany(rules.UsersOf).ToArray())
        {
            policies.TryAdd(user, user.Document);
        }

        var isFollowing = hosts.Values.Any(h => h.IsFollowed);
        foreach (var (policy, document) in policies)
        {
            foreach (var rule in rules.Update(after, policy, document, services))
            {
                foreach (var bridge in isFollowing ? BridgesOf(rule) : [])
                {
                    WorkOf(bridge)?.Rules.Add(rule);
                }
            }
        }
    }

    private HashSet<BridgeNode> BridgesOf(RuleChange rule)
    {
        var bridges = rule.Before?.Bridges.ToHashSet() ?? [];
        if (rule.After is { Anchors: { } anchors })
        {
            bridges.UnionWith(anchors.SelectMany(g => g.Sets).SelectMany(s => s.All).Select(a => a.Bridge).OfType<BridgeNode>());
        }
        else if (rule.After is { } everywhere)
        {
            bridges.UnionWith(hosts.Values.SelectMany(h => h.Bridges).Where(b => b.Policy?.Tenants.Any(everywhere.Sided.Rule.IsFor) == true));
        }

        return bridges;
    }

    private void UpdateTenants()
    {
        foreach (var (key, _, _) in Of<TenantDocument>(Kind.Tenant))
        {
            var (then, now) = (before.DefaultActionOf(key.Name), after.DefaultActionOf(key.Name));
            foreach (var bridge in then == now ? [] : hosts.Values.SelectMany(h => h.Bridges).Where(b => b.Policy?.Tenants.Contains(key.Name) == true))
            {
                var work = WorkOf(bridge)!; // it has a policy
                work.ChangesJoints = true;
                work.MayRevoke |= now == DefaultAction.Drop;
            }
        }
    }

    private BridgeWork? WorkOf(BridgeNode? bridge)
    {
        if (bridge?.Policy is null)
        {
            return null;
        }

        if (bridge.Work is null)
        {
            bridge.Work = new(identities);
            working.Add(bridge);
        }

        return bridge.Work;
    }

    private IEnumerable<HostChange> UpdateHosts()
    {
        foreach (var bridge in working)
        {
            bridge.Policy!.Change(after, bridge.Work!); // both are there for those
        }

        foreach (var host in working.Select(b => b.Host).ToHashSet())
        {
            change.Touched.Add(host);
            if (Finish(host) is { } changed)
            {
                yield return changed;
            }
        }

        foreach (var (name, flows) in remade)
        {
            if (hosts.TryGetValue(name, out var host))
            {
                change.Touched.Add(host);
                yield return FollowAnew(host, flows);
            }
        }
    }

    private HostChange? Finish(HostNode host)
    {
        var raises = host.Bridges.Any(b => b.Work?.MayRevoke == true);
        var epoch = raises ? host.Numbers!.RaiseEpoch() : 0; // followed
        var deltas = new List<BridgeDelta>();
        foreach (var bridge in host.Bridges)
        {
            var work = bridge.Work ?? (raises ? new(identities) : null);
            bridge.Work = null;
            if (work is null)
            {
                continue;
            }

            if (work.ChangesJoints)
            {
                bridge.Policy!.ChangeJoints(after, work); // followed
            }

            if (raises)
            {
                bridge.Policy!.ChangeEpoch(epoch, work);
            }

            bridge.Policy!.Finish(work);
            if (!work.Flows.IsEmpty)
            {
                deltas.Add(work.Flows.ToDelta(bridge.Bridge.Name));
            }
        }

        return deltas.Count == 0 ? null : new(new(host.Name, before.Revision, after.Revision, deltas.ToValueList()), host.Count, raises, host.HasOtherNumbers);
    }

    private HostChange FollowAnew(HostNode host, HostFlows flows)
    {
        var numbering = change.Remade[host.Name];
        host.Follow(after, memberships, rules, takenBack?.Remade.GetValueOrDefault(host.Name) ?? numbering);
        var now = host.Flows(after);
        var raises = takenBack is null && !HostCompiler.DecidesAlike(flows, now);
        if (raises)
        {
            host.Numbers!.RaiseEpoch(); // just followed
            now = host.Flows(after);
        }

        return new(FlowDelta.Between(flows, now), host.Count, raises, true);
    }
}
