using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>
/// The numbers that a host's flows carry. They are the one thing about flows that does not follow from the current state
/// alone: a numbering is state of its own, kept with the host's flows, taken in and handed on by the compilers, so that a
/// change of policy changes only the flows that it must.
/// </summary>
public sealed record HostNumbering
{
    /// <summary>The numbering of a host that has no flows yet.</summary>
    public static readonly HostNumbering Empty = new();

    /// <summary>
    /// The numbering of a host that has no flows yet, whose switch may yet have connections that an earlier controller, or the
    /// host under an earlier document, decided: the epoch is one that those are unlikely to have.
    /// </summary>
    public static HostNumbering Fresh(Random random) =>
        Empty with { Epoch = ConnectionEpoch.First with { Number = random.Next(1, ConnectionMark.MaxEpoch + 1) } };

    /// <summary>The epoch that connections are committed under (ct_mark).</summary>
    public ConnectionEpoch Epoch { get; init; } = ConnectionEpoch.First;

    /// <summary>Classes by their peers.</summary>
    public Numbers Classes { get; init; } = Numbers.None;

    /// <summary>Rules by "tenant/policy/rule": what cookies, ct_label and conjunctions carry.</summary>
    public Numbers Rules { get; init; } = Numbers.None;

    /// <summary>Tenants by name: what the owner registers carry.</summary>
    public Numbers Tenants { get; init; } = Numbers.None;

    /// <summary>Networks by "tenant/name".</summary>
    public Numbers Networks { get; init; } = Numbers.None;

    /// <summary>Conntrack zones by "bridge tenant/vrf": 1 to 65535. A bridge has its own, since it decides for itself.</summary>
    public Numbers Zones { get; init; } = Numbers.None;

    /// <summary>Inspection chains by "tenant/name".</summary>
    public Numbers Chains { get; init; } = Numbers.None;

    /// <summary>Ways through appliances in a network, by "bridge chains network": what the tags of frames on such a way carry.</summary>
    public Numbers Lanes { get; init; } = Numbers.None;

    /// <summary>Priorities of rules by "bridge table rule".</summary>
    public Numbers Priorities { get; init; } = Numbers.None;

    /// <summary>The name of the rule that a cookie or label carries; null if there is no such number.</summary>
    public string? RuleOf(uint number) => Rules.ByName.Where(p => p.Value == number).Select(p => p.Key).FirstOrDefault();

    public string ToJson() => JsonSerializer.Serialize(
        new Wire(
            (uint)Epoch.Number, Classes.ByName, Rules.ByName, Tenants.ByName, Networks.ByName, Zones.ByName, Priorities.ByName,
            Epoch.Step, Epoch.Revisits.Count == 0 ? null : [.. Epoch.Revisits.Select(WireRevisit.Of)],
            Chains.ByName.Count == 0 ? null : Chains.ByName, Lanes.ByName.Count == 0 ? null : Lanes.ByName),
        WireJson.Default.Wire);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static HostNumbering FromJson(string json)
    {
        var wire = JsonSerializer.Deserialize(json, WireJson.Default.Wire) ?? throw new JsonException("a numbering is a JSON object");
        return new()
        {
            Epoch = EpochOf(wire),
            Classes = Numbers.Of(wire.Classes),
            Rules = Numbers.Of(wire.Rules),
            Tenants = Numbers.Of(wire.Tenants),
            Networks = Numbers.Of(wire.Networks),
            Zones = Numbers.Of(wire.Zones),
            Priorities = Numbers.Of(wire.Priorities),
            Chains = Numbers.Of(wire.Chains ?? Numbers.None.ByName),
            Lanes = Numbers.Of(wire.Lanes ?? Numbers.None.ByName),
        };
    }

    /// <summary>Earlier versions counted further, and knew neither steps nor revisits.</summary>
    private static ConnectionEpoch EpochOf(Wire wire) => new(
        wire.Epoch is 0 or > ConnectionMark.MaxEpoch ? (int)(wire.Epoch % ConnectionMark.MaxEpoch) + 1 : (int)wire.Epoch,
        wire.Step,
        (wire.Revisits ?? []).Select(r => r.ToRevisit()).ToValueList());

    internal sealed record WireRevisit(UInt128 Label, UInt128 Mask, int Step)
    {
        public static WireRevisit Of(Revisit revisit) => new(revisit.Connections.Value, revisit.Connections.Mask, revisit.Step);

        public Revisit ToRevisit() => new(new(Label, Mask), Step);
    }

    internal sealed record Wire(
        uint Epoch,
        IReadOnlyDictionary<string, uint> Classes,
        IReadOnlyDictionary<string, uint> Rules,
        IReadOnlyDictionary<string, uint> Tenants,
        IReadOnlyDictionary<string, uint> Networks,
        IReadOnlyDictionary<string, uint> Zones,
        IReadOnlyDictionary<string, uint> Priorities,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Step = 0,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<WireRevisit>? Revisits = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, uint>? Chains = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, uint>? Lanes = null);
}

[JsonSerializable(typeof(HostNumbering.Wire))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
internal sealed partial class WireJson : JsonSerializerContext;
