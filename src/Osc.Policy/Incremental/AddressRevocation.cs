using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Incremental;

/// <summary>Which open connections of a bridge a change of addresses and of their groups may concern.</summary>
internal sealed class AddressRevocation(BridgeNode bridge, BridgeRules rules, HostNumbers numbers, IReadOnlyList<Name> tenants)
{
    public void Of(State state, Transition transition, Revoked revoked)
    {
        if (Any(transition.Joined, g => !g.OnlyAllows || rules.Inspects) || Any(transition.Left, static g => !g.OnlyDenies))
        {
            Of(state, transition.Addresses, revoked);
        }

        bool Any(GroupNode[] groups, Func<NamedGroup, bool> may)
        {
            foreach (var group in groups)
            {
                if (rules.Named.TryGetValue(group, out var named) && may(named))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Few addresses are told by what they are; of many, the rules that named them tell, if those can only have let them in.</summary>
    public void Of(State state, IEnumerable<AddressNode> touched, Revoked revoked)
    {
        AddressNode[] addresses = [.. touched.Where(a => MayRevoke(state, a))];
        if (addresses.Length <= Revoked.MaxAddresses)
        {
            foreach (var address in addresses)
            {
                revoked.AddEnds(address.Prefix);
            }

            return;
        }

        var left = addresses.SelectMany(a => a.Before!.Groups.Groups.Except(a.Groups.Groups)).Distinct().ToArray(); // touched
        var joined = addresses.SelectMany(a => a.Groups.Groups.Except(a.Before!.Groups.Groups)).Distinct();
        var canTell = addresses.All(a => a.Bridge != bridge && a.Before!.Bridge != bridge && a.Exists && a.Before.Existed)
            && left.Concat(joined).All(g => !rules.Named.TryGetValue(g, out var named) || named.OnlyAllows);
        if (!canTell)
        {
            revoked.AddAll();
            return;
        }

        foreach (var rule in left.SelectMany(g => rules.Named.TryGetValue(g, out var named) ? named.Rules : []).Distinct())
        {
            revoked.AddRule(rule.Sided.Side, numbers.Rules[rule.Key]);
        }
    }

    /// <summary>Whether what became of an address can take a permission away here: see <see cref="Permission"/>.</summary>
    private bool MayRevoke(State state, AddressNode address)
    {
        var then = address.Before!; // touched
        var around = then.Existed && address.Exists ? GroupSet.None : address.Vrf.RangesAround(address.Prefix).LastOrDefault(r => r != address)?.Groups ?? GroupSet.None;
        var groupsBefore = then.Existed ? then.Groups : around;
        var groupsNow = address.Exists ? address.Groups : around;
        if (address.Bridge == bridge && (then.Bridge != bridge || then.Tenant != address.Tenant))
        {
            // A side that was not asked here is asked now, about whatever the others let pass to the address as it was.
            return tenants.Any(t => state.DefaultActionOf(t) == DefaultAction.Allow)
                || rules.All.Any(r => !r.Rule.Observes && !Permission.IsDenial(r.Rule.Action) && r.Rule.Named.Has(groupsBefore, address.Prefix.Network));
        }

        return Has(groupsNow, groupsBefore, g => !g.OnlyAllows || rules.Inspects, a => a != RuleAction.Allow || rules.Inspects)
            || Has(groupsBefore, groupsNow, static g => !g.OnlyDenies, static a => !Permission.IsDenial(a));

        // Whether a rule of such an action has the address by the one set of groups and not by the other.
        bool Has(GroupSet these, GroupSet notThose, Func<NamedGroup, bool> maybe, Func<RuleAction, bool> acts)
        {
            foreach (var group in these.Groups)
            {
                if (Array.IndexOf(notThose.Groups, group) < 0
                    && rules.Named.TryGetValue(group, out var named)
                    && maybe(named)
                    && named.Rules.Any(r => !r.Observes && acts(r.Action) && !r.Named.Has(notThose, address.Prefix.Network)))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
