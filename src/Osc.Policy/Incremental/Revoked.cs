using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>
/// The open connections of a bridge that a change may take a permission from, as far as labels tell: more may be meant, none is
/// left out. That holds because a label never says less than what let its connection in: whenever a rule stops allowing, or
/// another comes to deny before it, the connections that it let in are decided anew and labelled anew.
/// </summary>
internal sealed class Revoked
{
    /// <summary>With more, telling addresses apart costs more than it spares.</summary>
    public const int MaxAddresses = 16;

    private readonly HashSet<LabelMatch> connections = [];

    public bool IsEmpty => !AreAll && connections.Count == 0;

    /// <summary>Whether every open connection may be concerned.</summary>
    public bool AreAll { get; private set; }

    public IReadOnlyCollection<LabelMatch> Connections => connections;

    public void AddAll() => AreAll = true;

    /// <summary>Those that a rule let in on one side.</summary>
    public void AddRule(RuleSide side, uint number) => connections.Add(OfRule(side, number));

    /// <summary>Those that go through chains.</summary>
    public void AddInspected(InspectedChains chains, HostNumbers numbers)
    {
        foreach (var (label, names) in new[] { (Registers.LabelOutChain, chains.Out), (Registers.LabelInChain, chains.In) })
        {
            connections.UnionWith(names.Select(c => numbers.Chains[c]).Where(n => n <= Registers.MaxChain).Select(n => LabelMatch.Of(label, n)));
        }
    }

    /// <summary>Those from and to an address or range, whoever let them in.</summary>
    public void AddEnds(Prefix address)
    {
        Add(OfEnd(Registers.LabelSource, address));
        Add(OfEnd(Registers.LabelDestination, address));
    }

    /// <summary>Those that a rule let in on one side, if the side's own address is this one.</summary>
    public void AddRuleAt(RuleSide side, uint number, Prefix address) => connections.Add(OfRule(side, number).And(OfEnd(OwnEnd(side), address)));

    /// <summary>Those whose side is at a tenant's workload.</summary>
    public void AddOwner(RuleSide side, uint tenant) =>
        connections.Add(LabelMatch.Of(side.Direction == Direction.Out ? Registers.LabelSourceOwner : Registers.LabelDestinationOwner, tenant));

    /// <summary>Those whose side is at an address that a rule is enforced at.</summary>
    /// <param name="local">The bridge's addresses.</param>
    /// <param name="tenant">The number of the rule's tenant here; null: the rule stands in every tenant's workloads.</param>
    public void AddPlaces(RuleNode rule, IEnumerable<AddressNode> local, uint? tenant)
    {
        var side = rule.Sided.Side;
        if (rule.Sided.IsNarrowed)
        {
            LabelMatch[] places = [.. local.Where(a => IsOrWasEnforcedAt(rule, a)).Select(a => OfEnd(OwnEnd(side), a.Prefix)).Distinct().Take(MaxAddresses + 1)];
            if (places.Length <= MaxAddresses)
            {
                connections.UnionWith(places);
                return;
            }
        }

        if (tenant is { } number)
        {
            AddOwner(side, number);
        }
        else
        {
            AddAll();
        }
    }

    private static bool IsOrWasEnforcedAt(RuleNode rule, AddressNode address) =>
        rule.IsEnforcedAt(address.Tenant, address.Groups, address.Prefix.Network)
        || (address.Before is { } then && rule.IsEnforcedAt(then.Tenant, then.Groups, address.Prefix.Network));

    public void UnionWith(Revoked other)
    {
        AreAll |= other.AreAll;
        connections.UnionWith(other.connections);
    }

    private void Add(LabelMatch match)
    {
        connections.Add(match);
        AreAll |= match.Mask == 0;
    }

    private static LabelMatch OfRule(RuleSide side, uint number) =>
        LabelMatch.Of(side.Direction == Direction.Out ? Registers.LabelOutRule : Registers.LabelInRule, number, Registers.KeepingRule - 1);

    private static Subfield OwnEnd(RuleSide side) => side.Direction == Direction.Out ? Registers.LabelSource : Registers.LabelDestination;

    private static LabelMatch OfEnd(Subfield part, Prefix address) => LabelMatch.Of(part, address.Network.Bits & 0xff, address.Mask & 0xff);
}
