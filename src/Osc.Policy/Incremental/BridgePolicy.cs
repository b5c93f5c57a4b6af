using Osc.Flows;
using Osc.Model;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>
/// All that a bridge's flows follow from, and how they change with it.
/// <code>
/// addresses, rules → rules enforced here → groups named, peers enforced at → classes → identity, rule flows
/// interfaces → port and delivery flows          networks, tenants, epoch → joints
/// </code>
/// The networks, vrfs and tenants of a bridge are fixed: where those change, the bridge is made anew.
/// </summary>
internal sealed class BridgePolicy : IFlowNumbers
{
    private readonly BridgeNode bridge;
    private readonly HostNumbers numbers;
    private readonly BridgeRules rules;
    private readonly BridgeClasses classes;
    private readonly BridgeIdentity identity;
    private readonly AddressRevocation revocation;
    private readonly Dictionary<QualifiedName, uint> zones = [];
    private IReadOnlyList<Flow> joints = [];
    private IReadOnlyList<string> lanes = [];
    private FlowDigest? digest;
    private (int Count, FlowDigest? Digest)? before;

    /// <summary>Finds what is enforced at the bridge and which classes there are; numbers come next, with <see cref="Load"/>.</summary>
    public BridgePolicy(BridgeNode bridge, HostNumbers numbers, Memberships memberships, RuleIndex index)
    {
        this.bridge = bridge;
        this.numbers = numbers;
        Networks = [.. bridge.Interfaces.Select(i => i.Network.QualifiedName).Distinct()];
        Tenants = [.. bridge.Interfaces.Select(i => i.Tenant).Distinct()];
        Vrfs = [.. bridge.Interfaces.Select(i => i.Vrf).Distinct()];
        rules = new(bridge, numbers, index);
        classes = new(numbers);
        identity = new(bridge, numbers, classes, [.. Vrfs.Select(memberships.Vrf)]);
        revocation = new(bridge, rules, numbers, Tenants);
    }

    public IReadOnlyList<QualifiedName> Networks { get; }

    public IReadOnlyList<Name> Tenants { get; }

    public IReadOnlyList<QualifiedName> Vrfs { get; }

    public IEnumerable<RuleKey> RuleKeys => rules.Places.Keys.Select(r => r.Key);

    /// <summary>The keys of all classes of far and local addresses.</summary>
    public IEnumerable<string> ClassKeys => FarKeys.Select(f => f.Key).Concat(bridge.Local.Select(rules.KeyOfLocal)).Select(k => k.Text).Where(k => k.Length > 0);

    public int Count { get; private set; }

    /// <summary>The chains that rules inspect by here.</summary>
    public InspectedChains Inspected => rules.Inspected;

    /// <summary>What of them needs a number for frames to be known by.</summary>
    public IEnumerable<string> LaneKeys(State state) => Inspected.LaneKeys(View(state));

    public uint OfTenant(Name tenant) => numbers.Tenants[tenant];

    public uint OfNetwork(QualifiedName network) => numbers.Networks[network];

    public uint ZoneOf(QualifiedName vrf) => zones[vrf];

    public uint OfChain(QualifiedName chain) => numbers.Chains[chain];

    public uint OfLane(string key) => numbers.Lanes[key];

    public IEnumerable<KeyValuePair<string, uint>> Priorities() => rules.Priorities();

    public IEnumerable<KeyValuePair<string, uint>> PriorityChanges() => rules.PriorityChanges();

    private IEnumerable<(GroupSet Set, ClassKey Key)> FarKeys => SetsIn(rules.Named.Keys).Where(HasFar).Select(s => (s, rules.KeyOfFar(s)));

    /// <summary>Takes the numbers up that the host has for all its bridges now, and makes the flows.</summary>
    /// <param name="old">Priorities that rules had.</param>
    public void Load(State state, Numbers old)
    {
        foreach (var network in Networks)
        {
            numbers.Networks.Acquire(network);
        }

        foreach (var tenant in Tenants)
        {
            numbers.Tenants.Acquire(tenant);
        }

        foreach (var vrf in Vrfs)
        {
            zones.Add(vrf, numbers.Zones.Acquire(BridgeNumbers.ZoneKey(bridge.Bridge.Name, vrf)));
        }

        rules.Load(old);
        classes.Change([.. FarKeys], [.. bridge.Local.Select(a => new LocalChange(a, rules.KeyOfLocal(a), a.Tenant))]);
        foreach (var vrf in identity.Vrfs)
        {
            identity.Load(vrf, zones[vrf.Name]);
        }

        foreach (var section in rules.All)
        {
            section.Update(classes);
        }

        UpdateLanes(state);
        joints = Joints(state);
        Count = Flows().Count();
    }

    /// <summary>All flows, as things are.</summary>
    public IEnumerable<Flow> Flows() =>
        joints
            .Concat(EpochFlows.Of(numbers.Epoch))
            .Concat(bridge.Interfaces.SelectMany(i => FlowsOf(i)))
            .Concat(identity.All())
            .Concat(rules.All.SelectMany(r => r.Flows(numbers, r.Priority)));

    /// <summary>The digest of all flows; once asked for, it is kept up to date.</summary>
    public FlowDigest Digest() => digest ??= FlowDigest.Of(Flows());

    /// <summary>Takes a change in. What it does to flows is then in <see cref="BridgeWork.Flows"/>.</summary>
    public void Change(State state, BridgeWork work)
    {
        before ??= (Count, digest);
        if (work.IsTransitionsAlone && KeepsClasses(work.Transitions))
        {
            Exchange(state, work);
            return;
        }

        var inspected = rules.Inspected;
        var outcome = rules.Change(work);
        work.ChangesJoints |= rules.Inspected != inspected;
        var touched = work.Touched.Where(a => identity.Knows(a.Vrf)).ToHashSet();
        var farChanges = FarChanges(outcome, touched);
        var localChanges = LocalChanges(outcome, touched);
        revocation.Of(state, touched, work.Revoked);

        var concerned = touched;
        concerned.UnionWith(farChanges.SelectMany(c => c.Set.All).Where(a => a.Bridge != bridge && identity.Knows(a.Vrf)));
        concerned.UnionWith(localChanges.Select(c => c.Address));
        var recut = Recut(concerned, farChanges);
        concerned.UnionWith(recut.SelectMany(v => v.Addresses));
        foreach (var vrf in recut)
        {
            work.Flows.Remove(identity.RangeFlows(vrf));
        }

        var singles = concerned.Where(a => !a.IsRange).ToArray();
        work.Flows.Remove(singles.Select(a => identity.FlowBefore(a, work.Shared)).OfType<Flow>());
        var changed = classes.Change(farChanges, localChanges);
        foreach (var vrf in recut)
        {
            identity.UpdateRanges(vrf);
            work.Flows.Add(identity.RangeFlows(vrf));
        }

        work.Flows.Add(singles.Select(a => identity.FlowNow(a, work.Shared)).OfType<Flow>());
        UpdateRules(outcome, changed, work);
        work.Flows.Remove(work.Unplugged.SelectMany(i => FlowsOf(i)));
        work.Flows.Add(work.Plugged.SelectMany(i => FlowsOf(i)));
        work.ChangesJoints |= work.Unplugged.Count + work.Plugged.Count > 0;
    }

    /// <summary>
    /// Whether transitions take far addresses from one class to another, both of which were there and stay: by far the most
    /// frequent change, and then the addresses are all there is to look at.
    /// </summary>
    private bool KeepsClasses(List<Transition> transitions)
    {
        foreach (var transition in transitions)
        {
            if (!identity.Knows(transition.Vrf) || identity.HasRanges(transition.Vrf) || transition.Bridges.Contains(bridge) || !Stays(transition) || !IsKnown(transition.To))
            {
                return false;
            }
        }

        return true;

        // Some address is in the set that is not local, as was the case before, or the set is of no class.
        bool Stays(Transition transition) =>
            HasFarIn(transition.From, transition.Vrf) || (classes.OfFar(transition.From) is null && !rules.Names(transition.From));

        bool IsKnown(GroupSet set) => classes.OfFar(set) is not null || !rules.Names(set);
    }

    private bool HasFarIn(GroupSet set, VrfNode vrf)
    {
        var addresses = set.In(vrf);
        return addresses.Count > bridge.Local.Count || addresses.Any(a => a.Bridge != bridge);
    }

    private void Exchange(State state, BridgeWork work)
    {
        foreach (var transition in work.Transitions)
        {
            if (classes.OfFar(transition.From) != classes.OfFar(transition.To))
            {
                work.Flows.Exchange(identity.Exchange(transition, work.Shared));
                revocation.Of(state, transition, work.Revoked);
            }
        }
    }

    /// <summary>Makes the flows anew that belong to nothing else.</summary>
    public void ChangeJoints(State state, BridgeWork work)
    {
        work.Flows.Remove(joints);
        UpdateLanes(state);
        joints = Joints(state);
        work.Flows.Add(joints);
    }

    /// <summary>Puts the flows of the host's epoch in place of those of the epoch before the change.</summary>
    public void ChangeEpoch(BridgeWork work)
    {
        before ??= (Count, digest);
        work.Flows.Exchange(work.Shared.Of(numbers.EpochBefore, numbers.Epoch));
    }

    /// <summary>Counts a change in.</summary>
    public void Finish(BridgeWork work)
    {
        work.Flows.Settle();
        Count += work.Flows.Growth;
        digest += digest is null ? null : work.Flows.Digest(work.Shared);
    }

    public void Settle()
    {
        rules.Settle();
        before = null;
    }

    /// <summary>Ends a change that was taken back.</summary>
    public void Restore(State state)
    {
        rules.Restore();
        joints = Joints(state);
        (Count, digest) = before ?? (Count, digest);
        before = null;
    }

    public void Forget() => rules.Forget();

    /// <summary>The vrfs in which a range says something else, or may not be there any more.</summary>
    private HashSet<VrfNode> Recut(HashSet<AddressNode> concerned, List<(GroupSet Set, ClassKey Key)> farChanges)
    {
        var changing = farChanges.Select(c => c.Set).ToHashSet();
        return [.. concerned.Where(a => a.IsRange && MayAnswerOtherwise(a)).Select(a => a.Vrf)];

        bool MayAnswerOtherwise(AddressNode range) =>
            changing.Contains(range.Groups)
            || (range.Before is { } then && (then.Existed != range.Exists || classes.OfFar(then.Groups) != classes.OfFar(range.Groups) || changing.Contains(then.Groups)));
    }

    private List<(GroupSet Set, ClassKey Key)> FarChanges(RuleOutcome outcome, HashSet<AddressNode> touched)
    {
        var sets = touched.Select(a => a.Groups).Concat(touched.Select(a => a.Before!.Groups)).Concat(SetsIn(outcome.Named)); // touched
        var changes = new List<(GroupSet Set, ClassKey Key)>();
        foreach (var set in sets.Where(s => s.Groups.Length > 0).ToHashSet())
        {
            var key = HasFar(set) ? rules.KeyOfFar(set) : ClassKey.Nobody;
            if (key.Text != (classes.OfFar(set)?.Key ?? ""))
            {
                changes.Add((set, key));
            }
        }

        return changes;
    }

    private List<LocalChange> LocalChanges(RuleOutcome outcome, HashSet<AddressNode> touched)
    {
        var changes = new List<LocalChange>();
        foreach (var address in outcome.TellsOtherwise ? bridge.Local.Concat(touched).ToHashSet() : touched)
        {
            var was = address.Before is { } then ? then.Bridge == bridge : address.Bridge == bridge;
            var isNow = address.Bridge == bridge;
            if (!was && !isNow)
            {
                continue;
            }

            var key = isNow ? rules.KeyOfLocal(address) : ClassKey.Nobody;
            var tenant = address.Before?.Tenant ?? address.Tenant;
            if (key.Text != (classes.OfLocal(address)?.Key ?? "") || (isNow && tenant != address.Tenant))
            {
                changes.Add(new(address, key, tenant));
            }
        }

        return changes;
    }

    private void UpdateRules(RuleOutcome outcome, ChangedClasses changed, BridgeWork work)
    {
        var dirty = outcome.Dirty;
        foreach (var group in changed.All.SelectMany(c => c.Groups).ToHashSet())
        {
            dirty.UnionWith(group.NamedIn.Select(rules.Find).OfType<RuleSection>());
        }

        foreach (var group in changed.Local.SelectMany(c => c.Groups).ToHashSet())
        {
            dirty.UnionWith(group.EnforcedBy.Select(rules.Find).OfType<RuleSection>());
        }

        if (changed.Local.Count > 0)
        {
            dirty.UnionWith(rules.Unanchored);
        }

        foreach (var section in dirty)
        {
            var before = section.Terms;
            if (section.Update(classes))
            {
                work.Flows.Remove(section.Flows(numbers, section.Priority, before));
                work.Flows.Add(section.Flows(numbers, section.Priority));
            }
        }
    }

    /// <summary>The sets of groups with one of these among them.</summary>
    private IEnumerable<GroupSet> SetsIn(IEnumerable<GroupNode> groups) => groups.SelectMany(g => g.Sets).Distinct();

    /// <summary>Whether an address of this bridge's vrfs that is not local is in exactly these groups.</summary>
    private bool HasFar(GroupSet set)
    {
        var count = 0;
        foreach (var vrf in identity.Vrfs)
        {
            count += set.In(vrf).Count;
        }

        return count > bridge.Local.Count || count > bridge.Local.Count(a => a.Groups == set);
    }

    private void UpdateLanes(State state)
    {
        string[] wanted = [.. LaneKeys(state)];
        foreach (var key in wanted.Except(lanes))
        {
            numbers.Lanes.Acquire(key);
        }

        foreach (var key in lanes.Except(wanted))
        {
            numbers.Lanes.Release(key);
        }

        lanes = wanted;
    }

    private BridgeView View(State state) =>
        new(state, bridge.Host.Document, bridge.Bridge, [.. bridge.Interfaces.OrderBy(i => i.Workload.Key).ThenBy(i => i.Workload.Interfaces.AsSpan().IndexOf(i.Interface))]);

    private IReadOnlyList<Flow> Joints(State state)
    {
        var flows = new FlowBuilder();
        HostCompiler.AddJoints(View(state), Inspected, this, flows);
        return flows.Flows;
    }

    private IReadOnlyList<Flow> FlowsOf(PlacedInterface placed)
    {
        var flows = new FlowBuilder();
        new InterfaceFlows(this, flows).Add(placed);
        return flows.Flows;
    }
}
