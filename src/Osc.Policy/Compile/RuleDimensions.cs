using Osc.Model;
using Osc.Policy.Classes;

namespace Osc.Policy.Compile;

/// <summary>
/// What a rule restricts on one side: the classes of local addresses that it is enforced at, the classes and ranges of the far
/// end, the service keys. null: anything.
/// </summary>
internal sealed record RuleDimensions(IReadOnlyList<AddressClass>? Enforced, FarEnd? Far, IReadOnlyList<(uint Value, uint Mask)>? Services)
{
    /// <param name="state">Says what named services are.</param>
    /// <param name="rule">Enforced here.</param>
    /// <param name="classes">All classes on the bridge.</param>
    /// <param name="localClasses">Those of local addresses of the tenants that the rule is for.</param>
    public static RuleDimensions Of(State state, SidedRule rule, IReadOnlyList<AddressClass> classes, IReadOnlyList<AddressClass> localClasses) => new(
        rule.IsNarrowed
            ? [.. localClasses.Where(c => (rule.Enforced.Count == 0 || c.IsInAny(rule.Enforced)) && (rule.AppliedTo.Count == 0 || c.IsInAny(rule.AppliedTo)))]
            : null,
        rule.Named.Count == 0 ? null : new([.. classes.Where(c => rule.NamedGroups.Any(p => c.Peers.Contains(p.Key)))], rule.NamedRanges),
        ServiceMasks.Of(rule.Rule.Rule.Services.SelectMany(state.PortsOf)));

    /// <summary>The restrictions as numbers, ready for flows.</summary>
    public RuleTerms Terms(BridgeNumbers numbers) => new(
        Enforced is null ? null : [.. Enforced.Select(numbers.Of)],
        Far is null ? null : [.. Far.Classes.Select(numbers.Of)],
        Far?.Ranges ?? [],
        Services);
}

/// <summary>The classes and the literal ranges that the far end of a rule may be in.</summary>
internal sealed record FarEnd(IReadOnlyList<AddressClass> Classes, IReadOnlyList<Prefix> Ranges);
