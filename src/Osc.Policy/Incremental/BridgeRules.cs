using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>
/// The rules that are enforced at some address of a bridge, in their tables, and what they ask for: the groups that they name
/// (which tell far addresses apart) and the peers that they are enforced at (which tell local ones apart besides).
/// </summary>
internal sealed class BridgeRules
{
    private readonly BridgeNode bridge;
    private readonly HostNumbers numbers;
    private readonly RuleIndex index;
    private readonly Dictionary<RuleNode, RuleSection> sections = [];
    private readonly HashSet<RuleSection> unanchored = [];
    private readonly Dictionary<byte, PriorityTable> tables = RuleSide.All.SelectMany(s => s.Tiers).ToDictionary(t => t.Id, _ => new PriorityTable());
    private readonly Dictionary<GroupNode, NamedGroup> named = [];
    private readonly Dictionary<Name, EnforcedPeers> enforced = [];
    private readonly BridgeChains chains = new();

    public BridgeRules(BridgeNode bridge, HostNumbers numbers, RuleIndex index)
    {
        this.bridge = bridge;
        this.numbers = numbers;
        this.index = index;
        Places = [];
        foreach (var address in bridge.Local)
        {
            foreach (var rule in index.CandidatesAt(address.Tenant, address.Groups).Where(r => r.IsEnforcedAt(address.Tenant, address.Groups, address.Prefix.Network)))
            {
                Places[rule] = Places.GetValueOrDefault(rule) + 1;
            }
        }

        foreach (var rule in Places.Keys)
        {
            Count(rule, 1, null);
        }
    }

    /// <summary>The rules that are enforced here at first, with the number of addresses that they are enforced at.</summary>
    public Dictionary<RuleNode, int> Places { get; }

    /// <summary>Whether the open change has brought, taken or moved rules.</summary>
    private bool HasChanged { get; set; }

    public IEnumerable<RuleSection> All => sections.Values;

    /// <summary>Rules that are enforced at some addresses and not at others, which no groups tell apart.</summary>
    public IReadOnlyCollection<RuleSection> Unanchored => unanchored;

    public IReadOnlyDictionary<GroupNode, NamedGroup> Named => named;

    /// <summary>The chains that they inspect by.</summary>
    public InspectedChains Inspected => chains.Inspected;

    /// <summary>Whether there are any: then a permission that is added may be one to go past them.</summary>
    public bool Inspects => Inspected != InspectedChains.None;

    public RuleSection? Find(RuleNode rule) => sections.GetValueOrDefault(rule);

    /// <summary>Asks for nothing any more.</summary>
    public void Forget()
    {
        foreach (var rule in sections.Keys)
        {
            rule.Bridges.Remove(bridge);
        }

        foreach (var group in named.Keys)
        {
            group.NeededBy.Remove(bridge);
        }
    }

    public void Settle()
    {
        if (!HasChanged)
        {
            return;
        }

        HasChanged = false;
        foreach (var table in tables.Values)
        {
            table.Settle();
        }
    }

    public void Restore()
    {
        HasChanged = false;
        foreach (var table in tables.Values)
        {
            table.Restore();
        }
    }

    public IEnumerable<KeyValuePair<string, uint>> Priorities() =>
        from table in PipelineTable.All
        where tables.ContainsKey(table.Id)
        from rule in tables[table.Id].Rules
        select KeyValuePair.Create(BridgeNumbers.PriorityKey(bridge.Bridge.Name, table, rule.Rule.Key), (uint)rule.Priority);

    /// <summary>What the open change has done to them so far.</summary>
    public IEnumerable<KeyValuePair<string, uint>> PriorityChanges() =>
        from table in HasChanged ? PipelineTable.All : []
        where tables.ContainsKey(table.Id)
        from rule in tables[table.Id].Changes
        select KeyValuePair.Create(BridgeNumbers.PriorityKey(bridge.Bridge.Name, table, rule.Key), rule.Value);

    /// <summary>Takes up the rules that were found at first, under the numbers that the host has for them.</summary>
    /// <param name="old">Priorities that rules had.</param>
    public void Load(Numbers old)
    {
        foreach (var table in Places.Keys.GroupBy(r => r.Table))
        {
            var ordered = table.Order(RuleOrder.Instance).ToArray();
            string[] keys = [.. ordered.Select(r => BridgeNumbers.PriorityKey(bridge.Bridge.Name, table.Key, r.Key))];
            var priorities = PriorityList.Assign(keys, old);
            foreach (var (rule, key) in ordered.Zip(keys))
            {
                Add(new(rule, Acquire(rule)) { Places = Places[rule], Priority = (int)priorities[key] });
            }

            tables[table.Key.Id].Load(ordered.Select(r => sections[r]));
        }
    }

    /// <summary>Takes in what a change does to rules and to the addresses that they are enforced at.</summary>
    /// <returns>What the rules ask for now and did not before, or the other way round, and the rules whose flows have to be looked at.</returns>
    public RuleOutcome Change(BridgeWork work)
    {
        var outcome = new RuleOutcome();
        var held = new Dictionary<RuleNode, uint>();
        foreach (var change in work.Rules)
        {
            if (change.Before is { } before && sections.TryGetValue(before, out var section))
            {
                held.Add(before, section.Number);
                Remove(section, work, outcome);
            }
        }

        var places = PlacesIn(work);
        foreach (var (rule, count) in places)
        {
            if (sections.TryGetValue(rule, out var section))
            {
                section.Places += count;
                if (section.Places == 0)
                {
                    Remove(section, work, outcome);
                }
            }
            else if (count > 0)
            {
                Insert(new(rule, Acquire(rule)) { Places = count }, work, outcome);
            }
        }

        foreach (var (before, after, overtakes) in work.Rules)
        {
            var here = new RuleChange(
                before is { Observes: false } && held.ContainsKey(before) ? before : null, after is { Observes: false } && sections.ContainsKey(after) ? after : null, overtakes);
            if ((here.Before ?? here.After) is not null && Permission.MayRevoke(here))
            {
                Revoke(here, here.Before is null ? 0 : held[here.Before], work.Revoked);
            }

            if (here.After is { Action: RuleAction.Allow })
            {
                work.Revoked.AddInspected(Inspected, numbers); // it may say now that they need not be
            }
        }

        return outcome;
    }

    /// <summary>At how many more or fewer addresses each rule is enforced.</summary>
    private Dictionary<RuleNode, int> PlacesIn(BridgeWork work)
    {
        var places = new Dictionary<RuleNode, int>();
        var fresh = work.Rules.Select(r => r.After).OfType<RuleNode>().ToHashSet();
        foreach (var rule in fresh)
        {
            var count = bridge.Local.Count(a => rule.IsEnforcedAt(a.Tenant, a.Groups, a.Prefix.Network));
            if (count > 0)
            {
                places.Add(rule, count);
            }
        }

        foreach (var address in work.Touched)
        {
            var before = address.Before!; // touched
            var (was, isNow) = (before.Bridge == bridge, address.Bridge == bridge);
            if (!was && !isNow)
            {
                continue;
            }

            var isSamePlace = was && isNow && before.Tenant == address.Tenant;
            var candidates = was ? index.CandidatesAt(before.Tenant, before.Groups) : [];
            candidates = isNow ? candidates.Concat(index.CandidatesAt(address.Tenant, address.Groups)).Distinct() : candidates;
            foreach (var rule in candidates)
            {
                if ((isSamePlace && !rule.Sided.IsNarrowed) || fresh.Contains(rule))
                {
                    continue;
                }

                var held = was && rule.IsEnforcedAt(before.Tenant, before.Groups, address.Prefix.Network);
                var holds = isNow && rule.IsEnforcedAt(address.Tenant, address.Groups, address.Prefix.Network);
                if (held != holds)
                {
                    places[rule] = places.GetValueOrDefault(rule) + (holds ? 1 : -1);
                    if (!rule.Observes && (held ? !Permission.IsDenial(rule.Action) : rule.Action != RuleAction.Allow || Inspects))
                    {
                        Revoke(rule, address, work.Revoked);
                    }
                }
            }
        }

        return places;
    }

    /// <summary>What a rule let in is told by its number; whom it denies, or passes on, by where it is enforced.</summary>
    /// <param name="number">The number that the rule before had.</param>
    private void Revoke(RuleChange change, uint number, Revoked revoked)
    {
        var (before, after, _) = change;
        if (before is { Action: RuleAction.Allow or RuleAction.Inspect })
        {
            revoked.AddRule(before.Sided.Side, number);
            before = null;
        }

        foreach (var rule in new[] { before, after }.OfType<RuleNode>().Where(r => r.Action != RuleAction.Allow))
        {
            revoked.AddPlaces(rule, bridge.Local, rule.Tenant == Tenants.System ? null : numbers.Tenants[rule.Tenant]);
        }
    }

    /// <summary>A rule that is enforced at an address, or no longer.</summary>
    private void Revoke(RuleNode rule, AddressNode address, Revoked revoked)
    {
        if (rule.Action == RuleAction.Allow && sections.TryGetValue(rule, out var section))
        {
            revoked.AddRuleAt(rule.Sided.Side, section.Number, address.Prefix);
        }
        else
        {
            revoked.AddEnds(address.Prefix);
        }
    }

    private void Insert(RuleSection section, BridgeWork work, RuleOutcome outcome)
    {
        Add(section);
        foreach (var (moved, before) in tables[section.Rule.Table.Id].Insert(section))
        {
            if (outcome.Dirty.Contains(moved))
            {
                continue; // new in this change: it has no flows yet
            }

            work.Flows.Remove(moved.Flows(numbers, before));
            work.Flows.Add(moved.Flows(numbers, moved.Priority));
        }

        Count(section.Rule, 1, outcome);
        outcome.Dirty.Add(section);
    }

    private void Add(RuleSection section)
    {
        sections.Add(section.Rule, section);
        if (section.Rule.Anchors is null && section.Rule.Sided.IsNarrowed)
        {
            unanchored.Add(section);
        }
    }

    private void Remove(RuleSection section, BridgeWork work, RuleOutcome outcome)
    {
        work.Flows.Remove(section.Flows(numbers, section.Priority));
        tables[section.Rule.Table.Id].Remove(section);
        sections.Remove(section.Rule);
        unanchored.Remove(section);
        numbers.Rules.Release(section.Rule.Key);
        if (section.Rule.Chain is { } chain)
        {
            numbers.Chains.Release(chain);
        }

        Count(section.Rule, -1, outcome);
        outcome.Dirty.Remove(section);
    }

    /// <summary>The rule's number, and one for the chain that it inspects by.</summary>
    private uint Acquire(RuleNode rule)
    {
        if (rule.Chain is { } chain)
        {
            numbers.Chains.Acquire(chain);
        }

        return numbers.Rules.Acquire(rule.Key);
    }

    private void Count(RuleNode rule, int by, RuleOutcome? outcome)
    {
        chains.Count(rule, by);
        HasChanged |= outcome is not null;
        if (by > 0)
        {
            rule.Bridges.Add(bridge);
        }
        else
        {
            rule.Bridges.Remove(bridge);
        }

        foreach (var group in rule.Named.Groups)
        {
            if (!named.TryGetValue(group, out var found))
            {
                named.Add(group, found = new());
                group.NeededBy.Add(bridge);
                outcome?.Named.Add(group);
            }

            found.Count(rule, by);
            if (found.IsUnused)
            {
                named.Remove(group);
                group.NeededBy.Remove(bridge);
                outcome?.Named.Add(group);
            }
        }

        if (!enforced.TryGetValue(rule.Tenant, out var peers))
        {
            enforced.Add(rule.Tenant, peers = new());
        }

        if (peers.Count(rule, by))
        {
            outcome?.EnforcedChanged();
        }
    }

    /// <summary>Whether some rule names one of these groups.</summary>
    public bool Names(GroupSet set)
    {
        foreach (var group in set.Groups)
        {
            if (named.ContainsKey(group))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The class of far addresses that are in these groups.</summary>
    public ClassKey KeyOfFar(GroupSet set)
    {
        var groups = new List<GroupNode>();
        foreach (var group in set.Groups)
        {
            if (named.ContainsKey(group))
            {
                groups.Add(group);
            }
        }

        return ClassKey.Of(groups, []);
    }

    /// <summary>The class of a local address.</summary>
    public ClassKey KeyOfLocal(AddressNode address)
    {
        var mine = enforced.GetValueOrDefault(address.Tenant);
        var systems = enforced.GetValueOrDefault(Tenants.System);
        var groups = address.Groups.Groups.Where(g => named.ContainsKey(g) || mine?.Has(g) == true || systems?.Has(g) == true).ToList();
        var ranges = (mine?.RangesOf(address.Prefix.Network) ?? []).Concat(mine == systems ? [] : systems?.RangesOf(address.Prefix.Network) ?? []).ToArray();
        return ClassKey.Of(groups, ranges);
    }
}
