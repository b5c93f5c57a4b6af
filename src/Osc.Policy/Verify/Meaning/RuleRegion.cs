using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>All connections of a vrf from some addresses to others.</summary>
internal sealed record Region(QualifiedName Vrf, AddressSet Sources, AddressSet Destinations)
{
    public bool IsEmpty => Sources.IsEmpty || Destinations.IsEmpty;
}

/// <summary>Where a rule can count, as far as its from, to and appliedTo tell.</summary>
internal static class RuleRegion
{
    /// <summary>The regions that are not empty, by vrf and side.</summary>
    public static IEnumerable<(Region Region, Direction Side)> Of(PolicyMeaning meaning, MeantRule rule)
    {
        foreach (var vrf in meaning.State.Vrfs)
        {
            var appliedTo = meaning.AddressesOf(rule.Tenant, rule.Policy.AppliedTo, vrf);
            var from = meaning.AddressesOf(rule.Tenant, rule.Rule.From, vrf);
            var to = meaning.AddressesOf(rule.Tenant, rule.Rule.To, vrf);
            if (rule.HasDirection(Direction.Out) && new Region(vrf, from.Intersect(appliedTo), to) is { IsEmpty: false } outside)
            {
                yield return (outside, Direction.Out);
            }

            if (rule.HasDirection(Direction.In) && new Region(vrf, from, to.Intersect(appliedTo)) is { IsEmpty: false } inside)
            {
                yield return (inside, Direction.In);
            }
        }
    }
}
