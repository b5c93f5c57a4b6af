using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Classes;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>What Identify answers for an address: its class, and the tenant whose local workload has it.</summary>
internal readonly record struct Identity(uint Class, uint Owner)
{
    public static readonly Identity Nobody;
}

/// <summary>
/// Identify: address to class and owner. A range that says the same as the next wider one around it needs no flow, and two
/// halves that say the same are one. Single addresses stay a flow each: they come and go one by one, and each shall be one
/// flow-mod.
/// </summary>
internal sealed class IdentityFlows(BridgeView view, BridgeNumbers numbers, FlowBuilder flows)
{
    /// <param name="prefixes">In order: a prefix comes after those that it lies in.</param>
    public void Add(IReadOnlyList<ClassifiedPrefix> prefixes)
    {
        var local = view.Interfaces.ToHashSet();
        foreach (var vrf in prefixes.GroupBy(p => p.Vrf))
        {
            var zone = numbers.ZoneOf(vrf.Key);
            var ranges = RangeIdentities.Of(vrf.Where(p => !p.Prefix.IsSingleAddress).Select(p => (p.Prefix, new Identity(numbers.Of(p.Class), 0))));
            flows.Add(ranges.Flows.Select(r => Of(zone, r.Prefix, r.Identity)));
            foreach (var single in vrf.Where(p => p.Prefix.IsSingleAddress))
            {
                var identity = new Identity(numbers.Of(single.Class), single.Owner is { } owner && local.Contains(owner) ? numbers.OfTenant(owner.Tenant) : 0);
                if (identity != ranges.Around(single.Prefix))
                {
                    flows.Add([Of(zone, single.Prefix, identity)]);
                }
            }
        }
    }

    public static Flow Of(uint zone, Prefix prefix, Identity identity) => new(
        PipelineTable.Identify.Id,
        (ushort)(1 + prefix.BitLength),
        Match.Any.With(Registers.Zone, zone).With(Registers.Address, prefix.Network.Bits, prefix.Mask),
        [Set(Registers.FoundClass, identity.Class), Set(Registers.FoundOwner, identity.Owner)],
        IdentityCookie.Value);
}
