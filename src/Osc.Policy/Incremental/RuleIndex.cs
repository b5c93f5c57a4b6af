using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Indexes;

namespace Osc.Policy.Incremental;

/// <summary>What became of a rule on one side: new, gone, other than it was, or only moved among its neighbours.</summary>
/// <param name="Before">null: it is new.</param>
/// <param name="After">null: it is gone. The same as before: it is moved.</param>
/// <param name="Overtakes">Of a rule that moved: whether one that does not allow now comes before one that does not deny, and did not.</param>
internal sealed record RuleChange(RuleNode? Before, RuleNode? After, bool Overtakes = false);

/// <summary>The rules of all policies, found by the groups that they name and by those that they are enforced at.</summary>
internal sealed class RuleIndex(Memberships memberships)
{
    private static readonly IReadOnlyCollection<RuleNode> Nothing = [];

    private readonly Dictionary<QualifiedName, PolicyNode> policies = [];
    private readonly Dictionary<QualifiedName, Dictionary<PolicyNode, int>> byService = [];
    private readonly Dictionary<Name, HashSet<RuleNode>> everywhere = [];
    private readonly Func<QualifiedName, GroupNode> groupOf = memberships.Group;

    /// <summary>Rules of a tenant for which every address of it has to be asked.</summary>
    public IReadOnlyCollection<RuleNode> Everywhere(Name tenant) => everywhere.TryGetValue(tenant, out var found) ? found : Nothing;

    /// <summary>Rules that may be enforced at an address of a tenant that is in these groups.</summary>
    public IEnumerable<RuleNode> CandidatesAt(Name tenant, GroupSet groups)
    {
        IEnumerable<RuleNode> found = tenant == Tenants.System ? Everywhere(tenant) : Everywhere(Tenants.System).Concat(Everywhere(tenant));
        return groups.Groups.Length == 0 ? found : found.Concat(groups.Groups.SelectMany(g => g.EnforcedBy)).Distinct();
    }

    public IEnumerable<PolicyNode> UsersOf(QualifiedName service) => byService.TryGetValue(service, out var users) ? users.Keys : [];

    public PolicyNode Policy(QualifiedName name)
    {
        if (!policies.TryGetValue(name, out var policy))
        {
            policies.Add(name, policy = new(name));
        }

        return policy;
    }

    /// <summary>Takes a policy's rules in, or the change from the ones it had.</summary>
    /// <param name="services">Services whose ports changed: rules that name them are others, although they read the same.</param>
    public IReadOnlyList<RuleChange> Update(State state, PolicyNode policy, PolicyDocument? after, IReadOnlySet<QualifiedName> services)
    {
        var isSameHead = policy.Document is { } before && after is not null
            && before.Tier == after.Tier && before.Order == after.Order && before.AppliedTo.Equals(after.AppliedTo);
        var isSameServices = isSameHead && services.Count == 0;
        var (oldRules, newRules) = (policy.Document?.Rules ?? [], after?.Rules ?? []);
        var (head, tail) = isSameServices ? CommonEnds.Of(oldRules, newRules) : default;

        // Only what lies between what stayed at the beginning and what stayed at the end is looked at rule by rule.
        var first = policy.Rules.FindIndex(r => r.Position >= head);
        first = first < 0 ? policy.Rules.Count : first;
        var end = Math.Max(first, policy.Rules.FindLastIndex(r => r.Position < oldRules.Count - tail) + 1);
        var middle = new Middle(this, state, policy.Rules[first..end], isSameHead ? services : null);
        for (var i = end; i < policy.Rules.Count && newRules.Count != oldRules.Count; i++)
        {
            policy.Rules[i].Position += newRules.Count - oldRules.Count;
        }

        var rules = after is null ? [] : middle.Update(policy, after, head, newRules.Count - tail);
        CountServices(policy, oldRules.AsSpan()[head..(oldRules.Count - tail)], -1);
        CountServices(policy, newRules.AsSpan()[head..(newRules.Count - tail)], 1);
        policy.Document = after;
        policy.Rules.RemoveRange(first, end - first);
        policy.Rules.InsertRange(first, rules);
        if (after is null)
        {
            policies.Remove(policy.Name);
        }

        var changes = middle.Changes();
        foreach (var rule in changes.Where(c => c.Before != c.After))
        {
            Unlink(rule.Before);
            Link(rule.After);
        }

        return changes;
    }

    /// <summary>Keeps count of the rules of a policy that name a service.</summary>
    private void CountServices(PolicyNode policy, ReadOnlySpan<Rule> rules, int by)
    {
        foreach (var rule in rules)
        {
            foreach (var reference in rule.Services)
            {
                if (reference is not NamedService { Service: var service })
                {
                    continue;
                }

                if (!byService.TryGetValue(service, out var users))
                {
                    byService.Add(service, users = []);
                }

                users[policy] = users.GetValueOrDefault(policy) + by;
                if (users[policy] == 0 && users.Remove(policy) && users.Count == 0)
                {
                    byService.Remove(service);
                }
            }
        }
    }

    private void Link(RuleNode? rule)
    {
        if (rule is null)
        {
            return;
        }

        foreach (var group in rule.Named.Groups)
        {
            group.NamedIn.Add(rule);
        }

        foreach (var group in rule.Anchors ?? [])
        {
            group.EnforcedBy.Add(rule);
        }

        if (rule.Anchors is null)
        {
            if (!everywhere.TryGetValue(rule.Tenant, out var rules))
            {
                everywhere.Add(rule.Tenant, rules = []);
            }

            rules.Add(rule);
        }
    }

    private void Unlink(RuleNode? rule)
    {
        if (rule is null)
        {
            return;
        }

        foreach (var group in rule.Named.Groups)
        {
            group.NamedIn.Remove(rule);
        }

        foreach (var group in rule.Anchors ?? [])
        {
            group.EnforcedBy.Remove(rule);
        }

        if (rule.Anchors is null)
        {
            everywhere[rule.Tenant].Remove(rule);
        }
    }

    /// <summary>The rules of a policy that may have changed, each matched with what it was: the very same rule a little further on than the last, or one of its name.</summary>
    /// <param name="services">null: the policy itself is another, and so are all its rules.</param>
    private sealed class Middle(RuleIndex index, State state, List<RuleNode> before, IReadOnlySet<QualifiedName>? services)
    {
        private const int Ahead = 3;

        private readonly bool[] isTaken = new bool[before.Count];
        private readonly List<RuleChange> changes = [];
        private readonly List<(RuleNode Rule, int Position)> kept = new(before.Count);
        private int next;

        public List<RuleNode> Update(PolicyNode policy, PolicyDocument after, int first, int end)
        {
            var sides = SidesOf(after.Rules.AsSpan()[first..end], first);
            var stayed = new int[sides.Count];
            for (var i = 0; i < sides.Count; i++)
            {
                stayed[i] = TakeNext(sides[i].Rule, sides[i].Side);
            }

            var others = isTaken.Contains(false) ? before.Index().Where(r => !isTaken[r.Index]).ToDictionary(r => (r.Item.Key.Rule, r.Item.Sided.Side.Direction), r => r.Index) : [];
            var header = after with { Rules = [] }; // a rule shall not hold all the others
            var rules = new List<RuleNode>(sides.Count);
            for (var i = 0; i < sides.Count; i++)
            {
                var (rule, side, position) = sides[i];
                var node = stayed[i] >= 0 ? before[stayed[i]] : others.Remove((rule.Name, side.Direction), out var place) ? Take(place) : null;
                if (node is not null && IsSame(node, rule))
                {
                    kept.Add((node, position));
                }
                else
                {
                    var made = new RuleNode(state, policy, new(new(header, rule), side), index.groupOf) { Position = position };
                    changes.Add(new(node, made));
                    node = made;
                }

                rules.Add(node);
            }

            return rules;
        }

        /// <summary>What changed; kept rules have their new positions from here on.</summary>
        public IReadOnlyList<RuleChange> Changes()
        {
            changes.AddRange(before.Where((_, i) => !isTaken[i]).Select(r => new RuleChange(r, null)));
            if (kept.Count == 0)
            {
                return changes;
            }

            var places = kept.Select(k => (int?)((k.Rule.Position * 2) + (k.Rule.Sided.Side == RuleSide.Out ? 0 : 1))).ToArray();
            var isStaying = new bool[kept.Count];
            foreach (var place in Order.LongestAscending(places))
            {
                isStaying[place] = true;
            }

            foreach (var moved in Enumerable.Range(0, kept.Count).Where(i => !isStaying[i]))
            {
                changes.Add(new(kept[moved].Rule, kept[moved].Rule, Overtakes(moved, places)));
            }

            foreach (var (rule, position) in kept)
            {
                rule.Position = position;
            }

            return changes;
        }

        private static List<(Rule Rule, RuleSide Side, int Position)> SidesOf(ReadOnlySpan<Rule> rules, int first)
        {
            var sides = new List<(Rule Rule, RuleSide Side, int Position)>(rules.Length);
            for (var i = 0; i < rules.Length; i++)
            {
                foreach (var side in rules[i].Mode != RuleMode.Disabled ? RuleSide.All : [])
                {
                    if (side.IsOf(rules[i]))
                    {
                        sides.Add((rules[i], side, first + i));
                    }
                }
            }

            return sides;
        }

        private RuleNode Take(int place)
        {
            isTaken[place] = true;
            return before[place];
        }

        /// <returns>Where the very same rule was, a little further on than the last that was taken; -1 if it was not there.</returns>
        private int TakeNext(Rule rule, RuleSide side)
        {
            for (var i = next; i < Math.Min(next + Ahead, before.Count); i++)
            {
                if (before[i].Sided.Side == side && ReferenceEquals(before[i].Sided.Rule.Rule, rule))
                {
                    next = i + 1;
                    isTaken[i] = true;
                    return i;
                }
            }

            return -1;
        }

        private bool Overtakes(int moved, int?[] places)
        {
            for (var other = 0; other < kept.Count; other++)
            {
                if (other < moved == places[other] > places[moved])
                {
                    var (earlier, later) = other < moved ? (other, moved) : (moved, other);
                    if (kept[earlier].Rule is { Observes: false, Action: not RuleAction.Allow } && kept[later].Rule is { Observes: false } overtaken && !Permission.IsDenial(overtaken.Action))
                    {
                        return true;
                    }
                }
            }

            return false;
        }

        private bool IsSame(RuleNode node, Rule rule) =>
            services is not null
            && ReadsSame(node.Sided.Rule.Rule, rule)
            && !rule.Services.Any(s => s is NamedService named && services.Contains(named.Service));

        /// <summary>The other side is nothing to the flows of this one.</summary>
        private static bool ReadsSame(Rule left, Rule right) =>
            ReferenceEquals(left, right) || left with { Direction = right.Direction } == right;
    }
}
