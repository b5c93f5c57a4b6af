using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>Random changes of policies and their rules.</summary>
internal sealed class PolicyChurn(Random random, ChurnWorld world)
{
    private readonly RandomClauses clauses = new(random, world);
    private readonly int start = world.Policies.All.Count;
    private readonly int maxRules = 4 + (2 * world.Policies.All.Select(p => p.Rules.Count).DefaultIfEmpty(0).Max());

    public void Step()
    {
        var count = world.Policies.All.Count;
        var dice = random.Next(18);
        if (count == 0 || (dice == 0 && count < (2 * start) + 4))
        {
            world.Put(clauses.MakePolicy(new(random.Pick(world.Owners), RandomExtensions.Numbered("cp", world.NextNumber()))));
            return;
        }

        var policy = random.Pick(world.Policies.All);
        switch (dice)
        {
            case 1 when count > 1 + (start / 2):
                world.Remove(policy.Key);
                break;
            case 2:
                world.Put(policy with { Tier = random.Pick(Enum.GetValues<Tier>()) });
                break;
            case 3:
                world.Put(policy with { Order = random.Pick([50, 100, 100, 150, 200]) });
                break;
            case 4:
                world.Put(policy with { AppliedTo = clauses.MakePeers(policy.Metadata.Tenant) });
                break;
            case 5 or 6 when world.Hosts.All.Count > 0:
                ChangeChains(policy.Metadata.Tenant);
                break;
            default:
                world.Put(policy with { Rules = ChangeRules(policy) });
                break;
        }
    }

    /// <summary>One goes, comes, or leads through other appliances.</summary>
    private void ChangeChains(Name tenant)
    {
        var mine = world.Chains.Of(tenant);
        var chain = mine.Count > 0 && !random.OneIn(3) ? random.Pick(mine) : null;
        if (chain is not null && world.ReferrersOf(chain.Key).Count == 0 && random.OneIn(2))
        {
            world.Remove(chain.Key);
        }
        else if (chain is not null || mine.Count < 4)
        {
            world.Put(new RandomChains(random).Make(chain?.QualifiedName ?? new(tenant, RandomExtensions.Numbered("cc", world.NextNumber())), world.Hosts.All));
        }
    }

    private ValueList<Rule> ChangeRules(PolicyDocument policy)
    {
        var rules = policy.Rules.ToList();
        var dice = random.Next(8);
        if (rules.Count == 0 || (dice < 2 && rules.Count < maxRules))
        {
            var name = RandomExtensions.Numbered("cr", world.NextNumber());
            rules.Insert(random.Next(rules.Count + 1), clauses.MakeRule(policy.Metadata.Tenant, name));
            return rules.ToValueList();
        }

        var place = random.Next(rules.Count);
        var rule = rules[place];
        switch (dice)
        {
            case < 4:
                rules.RemoveAt(place);
                break;
            case 4:
                rules.RemoveAt(place);
                rules.Insert(random.Next(rules.Count + 1), rule);
                break;
            default:
                rules[place] = ChangeRule(rule, policy.Metadata.Tenant);
                break;
        }

        return rules.ToValueList();
    }

    /// <summary>One field as that of another random rule.</summary>
    private Rule ChangeRule(Rule rule, Name tenant)
    {
        var other = clauses.MakeRule(tenant, rule.Name);
        return random.Next(9) switch
        {
            0 => rule with { From = other.From },
            1 => rule with { To = other.To },
            2 => rule with { Services = other.Services },
            3 => rule with { Action = other.Action, Chain = other.Chain, OnRevoke = OnRevoke.Cut },
            4 => rule with { Direction = other.Direction },
            5 => rule with { Mode = other.Mode },
            6 => rule with { Log = !rule.Log },
            7 when rule.Action != RuleAction.Inspect => rule with { OnRevoke = rule.OnRevoke == OnRevoke.Cut ? OnRevoke.Keep : OnRevoke.Cut },
            _ => other,
        };
    }
}
