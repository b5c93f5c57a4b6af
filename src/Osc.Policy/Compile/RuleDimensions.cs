using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Classes;
using Osc.Policy.Groups;

namespace Osc.Policy.Compile;

/// <summary>
/// What a rule restricts on one side: source classes, destination classes, service keys. null: anything.
/// On the side where it is enforced only classes of local addresses appear, and appliedTo narrows them further.
/// </summary>
internal sealed record RuleDimensions(IReadOnlyList<AddressClass>? Sources, IReadOnlyList<AddressClass>? Destinations, IReadOnlyList<(uint Value, uint Mask)>? Services)
{
    /// <summary>Whether there can be a connection here that the rule holds for.</summary>
    public bool CanHold => Sources is not { Count: 0 } && Destinations is not { Count: 0 } && Services is not { Count: 0 };

    /// <summary>The classes that the rule's flows name.</summary>
    public IEnumerable<AddressClass> Classes => (Sources ?? []).Concat(Destinations ?? []);

    /// <param name="classes">All classes on the bridge.</param>
    /// <param name="localClasses">Those of local addresses of the tenants that the rule is for.</param>
    public static RuleDimensions Of(State state, PlacedRule rule, RuleSide side, IReadOnlyList<AddressClass> classes, IReadOnlyList<AddressClass> localClasses)
    {
        var from = Keys(rule, rule.Rule.From);
        var to = Keys(rule, rule.Rule.To);
        var appliedTo = Keys(rule, rule.Policy.AppliedTo);
        var outSide = side.Direction == Direction.Out;
        return new(
            outSide ? Enforced(from, appliedTo, localClasses) : Named(from, classes),
            outSide ? Named(to, classes) : Enforced(to, appliedTo, localClasses),
            ServiceMasks.Of(rule.Rule.Services.SelectMany(state.PortsOf)));
    }

    /// <summary>The restrictions as alternatives of a match, numbers filled in; a dimension that takes anything is left out.</summary>
    public IReadOnlyList<IReadOnlyList<FieldMatch>> Matches(BridgeNumbers numbers)
    {
        var dimensions = new List<IReadOnlyList<FieldMatch>>();
        Add(Sources?.Select(c => Exactly(Registers.SourceClass, numbers.Of(c))));
        Add(Destinations?.Select(c => Exactly(Registers.DestinationClass, numbers.Of(c))));
        Add(Services?.Select(s => new FieldMatch(Registers.Service, s.Value, s.Mask)));
        return dimensions;

        void Add(IEnumerable<FieldMatch>? alternatives)
        {
            if (alternatives is not null)
            {
                dimensions.Add([.. alternatives]);
            }
        }
    }

    private static FieldMatch Exactly(Field field, uint value) => new(field, value, field.FullMask);

    private static List<string> Keys(PlacedRule rule, ValueList<Peer> peers) => [.. peers.Select(p => new TenantPeer(rule.Tenant, p).Key)];

    private static IReadOnlyList<AddressClass>? Named(List<string> peers, IReadOnlyList<AddressClass> classes) =>
        peers.Count == 0 ? null : [.. classes.Where(c => c.IsInAny(peers))];

    private static IReadOnlyList<AddressClass>? Enforced(List<string> peers, List<string> appliedTo, IReadOnlyList<AddressClass> localClasses) =>
        peers.Count == 0 && appliedTo.Count == 0 ? null : [.. localClasses.Where(c => c.IsInAny(peers) && c.IsInAny(appliedTo))];
}
