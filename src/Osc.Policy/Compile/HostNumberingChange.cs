using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>
/// What leads from a host's numbering to its next. Small where the change is, however many numbers the host has, so that it can be kept
/// in place of the whole.
/// </summary>
public sealed record HostNumberingChange
{
    /// <summary>Stands in the place of a number for a name that has none any more: numbers begin with 1.</summary>
    public const uint GivenUp = 0;

    private static readonly IReadOnlyDictionary<string, uint> Same = new Dictionary<string, uint>();

    /// <summary>null: the same.</summary>
    public EpochChange? Epoch { get; init; }

    /// <summary>Names with the numbers that they have now, or <see cref="GivenUp"/>; names whose number stays are not there.</summary>
    public IReadOnlyDictionary<string, uint> Classes { get; init; } = Same;

    public IReadOnlyDictionary<string, uint> Rules { get; init; } = Same;

    public IReadOnlyDictionary<string, uint> Tenants { get; init; } = Same;

    public IReadOnlyDictionary<string, uint> Networks { get; init; } = Same;

    public IReadOnlyDictionary<string, uint> Zones { get; init; } = Same;

    public IReadOnlyDictionary<string, uint> Chains { get; init; } = Same;

    public IReadOnlyDictionary<string, uint> Lanes { get; init; } = Same;

    public IReadOnlyDictionary<string, uint> Priorities { get; init; } = Same;

    public bool IsEmpty => Epoch is null && Classes.Count + Rules.Count + Tenants.Count + Networks.Count + Zones.Count + Chains.Count + Lanes.Count + Priorities.Count == 0;

    public static HostNumberingChange Between(HostNumbering before, HostNumbering after) => new()
    {
        Epoch = EpochChange.Between(before.Epoch, after.Epoch),
        Classes = Between(before.Classes, after.Classes),
        Rules = Between(before.Rules, after.Rules),
        Tenants = Between(before.Tenants, after.Tenants),
        Networks = Between(before.Networks, after.Networks),
        Zones = Between(before.Zones, after.Zones),
        Chains = Between(before.Chains, after.Chains),
        Lanes = Between(before.Lanes, after.Lanes),
        Priorities = Between(before.Priorities, after.Priorities),
    };

    /// <param name="before">The numbering that this leads on from.</param>
    /// <param name="changes">What became of it, oldest first.</param>
    public static HostNumbering Apply(HostNumbering before, IEnumerable<HostNumberingChange> changes)
    {
        var epoch = before.Epoch;
        Builder classes = new(before.Classes), rules = new(before.Rules), tenants = new(before.Tenants), networks = new(before.Networks), zones = new(before.Zones), chains = new(before.Chains), lanes = new(before.Lanes), priorities = new(before.Priorities);
        foreach (var change in changes)
        {
            epoch = change.Epoch?.Apply(epoch) ?? epoch;
            classes.Apply(change.Classes);
            rules.Apply(change.Rules);
            tenants.Apply(change.Tenants);
            networks.Apply(change.Networks);
            zones.Apply(change.Zones);
            chains.Apply(change.Chains);
            lanes.Apply(change.Lanes);
            priorities.Apply(change.Priorities);
        }

        return new()
        {
            Epoch = epoch,
            Classes = classes.Build(),
            Rules = rules.Build(),
            Tenants = tenants.Build(),
            Networks = networks.Build(),
            Zones = zones.Build(),
            Chains = chains.Build(),
            Lanes = lanes.Build(),
            Priorities = priorities.Build(),
        };
    }

    public string ToJson() => JsonSerializer.Serialize(
        new Wire(
            Epoch is null ? null : new(Epoch.Number, Epoch.Step, [.. Epoch.Revisits.Select(HostNumbering.WireRevisit.Of)]),
            Given(Classes), Given(Rules), Given(Tenants), Given(Networks), Given(Zones), Given(Priorities), Given(Chains), Given(Lanes)),
        ChangeJson.Default.Wire);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static HostNumberingChange FromJson(string json)
    {
        var wire = JsonSerializer.Deserialize(json, ChangeJson.Default.Wire) ?? throw new JsonException("a change of a numbering is a JSON object");
        return new()
        {
            Epoch = wire.Epoch is { } epoch ? new(epoch.Number, epoch.Step, epoch.Revisits.Select(r => r.ToRevisit()).ToValueList()) : null,
            Classes = wire.Classes ?? Same,
            Rules = wire.Rules ?? Same,
            Tenants = wire.Tenants ?? Same,
            Networks = wire.Networks ?? Same,
            Zones = wire.Zones ?? Same,
            Chains = wire.Chains ?? Same,
            Lanes = wire.Lanes ?? Same,
            Priorities = wire.Priorities ?? Same,
        };
    }

    private static IReadOnlyDictionary<string, uint> Between(Numbers before, Numbers after)
    {
        var changes = after.ByName.Where(n => !before.ByName.TryGetValue(n.Key, out var old) || old != n.Value).ToDictionary();
        foreach (var name in before.ByName.Keys.Where(n => !after.ByName.ContainsKey(n)))
        {
            changes.Add(name, GivenUp);
        }

        return changes;
    }

    private static IReadOnlyDictionary<string, uint>? Given(IReadOnlyDictionary<string, uint> numbers) => numbers.Count == 0 ? null : numbers;

    private sealed class Builder(Numbers before)
    {
        private Dictionary<string, uint>? changed;

        public void Apply(IReadOnlyDictionary<string, uint> change)
        {
            if (change.Count == 0)
            {
                return;
            }

            changed ??= new(before.ByName);
            foreach (var (name, number) in change)
            {
                if (number == GivenUp)
                {
                    changed.Remove(name);
                }
                else
                {
                    changed[name] = number;
                }
            }
        }

        public Numbers Build() => changed is null ? before : Numbers.Of(changed);
    }

    internal sealed record WireEpoch(int Number, int Step, IReadOnlyList<HostNumbering.WireRevisit> Revisits);

    internal sealed record Wire(
        WireEpoch? Epoch = null,
        IReadOnlyDictionary<string, uint>? Classes = null,
        IReadOnlyDictionary<string, uint>? Rules = null,
        IReadOnlyDictionary<string, uint>? Tenants = null,
        IReadOnlyDictionary<string, uint>? Networks = null,
        IReadOnlyDictionary<string, uint>? Zones = null,
        IReadOnlyDictionary<string, uint>? Priorities = null,
        IReadOnlyDictionary<string, uint>? Chains = null,
        IReadOnlyDictionary<string, uint>? Lanes = null);
}

/// <summary>What leads from an epoch to the next, or to a later step of it.</summary>
/// <param name="Revisits">Of the same epoch those of later steps; of another all.</param>
public sealed record EpochChange(int Number, int Step, ValueList<Revisit> Revisits)
{
    /// <returns>null if they are the same.</returns>
    public static EpochChange? Between(ConnectionEpoch before, ConnectionEpoch after) =>
        before == after ? null : new(after.Number, after.Step, GoesOn(before, after.Number, after.Step) ? after.Revisits.Where(r => r.Step > before.Step).ToValueList() : after.Revisits);

    public ConnectionEpoch Apply(ConnectionEpoch before) =>
        GoesOn(before, Number, Step) ? new(Number, Step, before.Revisits.Where(old => Revisits.All(r => r.Connections != old.Connections)).Concat(Revisits).ToValueList()) : new(Number, Step, Revisits);

    private static bool GoesOn(ConnectionEpoch before, int number, int step) => before.Number == number && before.Step < step;
}

[JsonSerializable(typeof(HostNumberingChange.Wire))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ChangeJson : JsonSerializerContext;
