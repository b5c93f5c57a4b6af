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
    private readonly SharedFlows shared = new();
    private readonly Dictionary<(VrfNode, GroupSet, GroupSet), Transition> transitions = [];
    private EngineChange? takenBack;
    private bool isFollowing;

    public EngineChange Run()
    {
        UpdateInventory();
        UpdateNames();
        UpdateGroups();
        memberships.Resolve();
        isFollowing = hosts.Values.Any(h => h.IsFollowed);
        foreach (var address in isFollowing ? memberships.Touched : [])
        {
            Concern(address);
        }

        foreach (var transition in transitions.Values)
        {
            Concern(transition);
        }

        UpdateRules();
        UpdateTenants();
        UpdateChains();
        change.Affected = [.. working.Select(b => b.Host.Name).Concat(remade.Keys).Distinct()];
        change.WorkOut = () =>
        {
            HostChange[] changed = [.. UpdateHosts()];
            Array.Sort(changed, static (a, b) => a.Host.CompareTo(b.Host));
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

    private IEnumerable<Changed<T>> Of<T>(Kind kind)
        where T : Document => documents.Where(d => d.Key.Kind == kind).Select(d => new Changed<T>(d.Key, d.Before as T, d.After as T));

    private void UpdateInventory()
    {
        var inventory = new InventoryUpdate(after, memberships, hosts);
        inventory.Run([.. Of<NetworkDocument>(Kind.Network)], [.. Of<HostDocument>(Kind.Host)], [.. Of<WorkloadDocument>(Kind.Workload)], Remake);
        (change.Created, change.Deleted) = (inventory.Created, inventory.Deleted);
        foreach (var (bridge, placed) in inventory.Unplugged)
        {
            WorkOf(bridge)?.Unplugged.Add(placed);
        }

        foreach (var (bridge, placed) in inventory.Plugged)
        {
            WorkOf(bridge)?.Plugged.Add(placed);
        }
    }

    /// <summary>A followed host is to be worked out from nothing, when all that hosts have in common is up to date.</summary>
    private void Remake(HostNode host)
    {
        if (remade.TryAdd(host.Name, host.Flows(before)))
        {
            change.Remade.Add(host.Name, host.Numbering());
            foreach (var bridge in host.Bridges)
            {
                bridge.Policy!.Forget(); // a followed host's bridges have one
                bridge.Policy = null;
            }
        }
    }

    private void UpdateNames()
    {
        foreach (var (_, then, now) in Of<DnsNameDocument>(Kind.DnsName))
        {
            foreach (var fqdn in new[] { then?.Fqdn, now?.Fqdn }.OfType<string>().Distinct())
            {
                memberships.Ranges.Update(after, fqdn);
            }
        }
    }

    private void UpdateGroups() =>
        memberships.Update(after, [.. Of<SecurityGroupDocument>(Kind.SecurityGroup).Select(g => (memberships.Group(g.Key.QualifiedName), g.After))]);

    /// <summary>Tells the bridges that may know a touched address: those whose rules name a group of it, and its own.</summary>
    private void Concern(AddressNode address)
    {
        var then = address.Before!; // touched
        var isOfSame = then.Bridge == address.Bridge && then.Tenant == address.Tenant;
        if (isOfSame && then.Existed == address.Exists && then.Groups == address.Groups)
        {
            return;
        }

        IEnumerable<GroupNode> around = [];
        var isBroadcast = false;
        if (then.Existed != address.Exists || then.Tenant != address.Tenant)
        {
            around = address.Vrf.RangesAround(address.Prefix).SelectMany(r => r.Groups.Groups);
            isBroadcast = after.NetworksOf(address.Vrf.Name).Any(n => n.Subnets.Any(s => s.Last == address.Prefix.Network));
        }

        if (isOfSame && !address.IsRange && !isBroadcast && !around.Any())
        {
            TransitionOf(address).Add(address);
            return;
        }

        foreach (var bridge in isBroadcast ? hosts.Values.SelectMany(h => h.Bridges).Where(b => b.Policy?.Vrfs.Contains(address.Vrf.Name) == true) : [])
        {
            WorkOf(bridge)!.ChangesJoints = true; // it has a policy
        }

        var own = new[] { then.Bridge, address.Bridge }.OfType<BridgeNode>();
        foreach (var bridge in then.Groups.Groups.Concat(address.Groups.Groups).Concat(around).SelectMany(g => g.NeededBy).Concat(own))
        {
            if (WorkOf(bridge) is { } work && (work.Others.Count == 0 || work.Others[^1] != address))
            {
                work.Others.Add(address);
            }
        }
    }

    /// <summary>The same for addresses of which nothing changes but their groups, together.</summary>
    private void Concern(Transition transition)
    {
        foreach (var group in transition.From.Groups)
        {
            Tell(group.NeededBy, transition);
        }

        foreach (var group in transition.To.Groups)
        {
            Tell(group.NeededBy, transition);
        }

        Tell(transition.Bridges, transition);
    }

    private void Tell(HashSet<BridgeNode> bridges, Transition transition)
    {
        foreach (var bridge in bridges)
        {
            if (WorkOf(bridge) is { } work && (work.Transitions.Count == 0 || work.Transitions[^1] != transition))
            {
                work.Transitions.Add(transition);
            }
        }
    }

    private Transition TransitionOf(AddressNode address)
    {
        var key = (address.Vrf, address.Before!.Groups, address.Groups); // touched
        if (!transitions.TryGetValue(key, out var transition))
        {
            transitions.Add(key, transition = new(address.Vrf, address.Before.Groups, address.Groups));
        }

        return transition;
    }

    private void UpdateRules()
    {
        var services = Of<ServiceDocument>(Kind.Service).Select(s => s.Key.QualifiedName).ToHashSet();
        var policies = Of<PolicyDocument>(Kind.Policy).ToDictionary(p => rules.Policy(p.Key.QualifiedName), p => p.After);
        foreach (var user in services.SelectMany(rules.UsersOf).ToArray())
        {
            policies.TryAdd(user, user.Document);
        }

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
                if (now == DefaultAction.Drop)
                {
                    work.Revoked.AddAll();
                }
            }
        }
    }

    /// <summary>What a chain's hops are decides nothing: open connections take the new way with their next packet. Who lends appliances lends the new ones.</summary>
    private void UpdateChains()
    {
        var chains = Of<InspectionChainDocument>(Kind.InspectionChain).ToArray();
        var lenders = chains.SelectMany(c => new[] { c.Before, c.After }).OfType<InspectionChainDocument>().SelectMany(c => c.Hops).SelectMany(h => new[] { h.Ingress.Host, h.Egress.Host });
        var borrowers = Of<HostDocument>(Kind.Host).SelectMany(h => after.ReferrersOf(new(default, Kind.Host, h.Key.Name))).Where(k => k.Kind == Kind.Host).Select(k => k.Name);
        foreach (var bridge in lenders.Concat(borrowers).Distinct().Select(hosts.GetValueOrDefault).OfType<HostNode>().SelectMany(h => h.Bridges).Where(b => b.Bridge.Tunnels.Count > 0))
        {
            WorkOf(bridge)?.ChangesJoints = true;
        }

        foreach (var chain in chains.Where(c => c is { Before: not null, After: not null }).Select(c => c.Key.QualifiedName))
        {
            foreach (var bridge in hosts.Values.SelectMany(h => h.Bridges).Where(b => b.Policy?.Inspected.All.Contains(chain) == true))
            {
                WorkOf(bridge)!.ChangesJoints = true; // it has a policy
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
            bridge.Work = new(shared);
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

        foreach (var bridge in working)
        {
            if (bridge.Work is null)
            {
                continue; // its host was finished with another of its bridges
            }

            change.Touched.Add(bridge.Host);
            if (Finish(bridge.Host) is { } changed)
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
        var revoked = new Revoked();
        foreach (var bridge in host.Bridges.Where(b => b.Work?.Revokes == true))
        {
            revoked.UnionWith(bridge.Work!.Revoked); // it has work
        }

        var raises = !revoked.IsEmpty;
        if (raises)
        {
            host.Numbers!.Revoke(revoked); // followed
        }

        var deltas = new List<BridgeDelta>();
        foreach (var bridge in host.Bridges)
        {
            var work = bridge.Work ?? (raises ? new(shared) : null);
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
                bridge.Policy!.ChangeEpoch(work);
            }

            bridge.Policy!.Finish(work);
            if (!work.Flows.IsEmpty)
            {
                deltas.Add(work.Flows.ToDelta(bridge.Bridge.Name));
            }
        }

        Renumber(host, host.NumberingChange());
        return deltas.Count == 0 ? null : new(new(host.Name, before.Revision, after.Revision, deltas.ToValueList()), host.Count, raises);
    }

    private HostChange FollowAnew(HostNode host, HostFlows flows)
    {
        var numbering = change.Remade[host.Name];
        host.Follow(after, memberships, rules, takenBack?.Remade.GetValueOrDefault(host.Name) ?? numbering);
        var now = host.Flows(after);
        var raises = takenBack is null && !HostCompiler.DecidesAlike(flows, now);
        if (raises)
        {
            host.RaiseEpoch();
            now = host.Flows(after);
        }

        Renumber(host, HostNumberingChange.Between(numbering, host.Numbering()));
        return new(FlowDelta.Between(flows, now), host.Count, raises);
    }

    private void Renumber(HostNode host, HostNumberingChange numbers)
    {
        if (!numbers.IsEmpty)
        {
            change.Renumbered.Add(host.Name, numbers);
        }
    }
}
