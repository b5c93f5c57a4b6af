using System.Text.Json.Serialization;

namespace Osc.Policy.Reach;

/// <summary>What may go from one group to another, as JSON.</summary>
public sealed record ReachAnswer
{
    /// <summary>The revision that was asked; absent where documents without a history were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }

    /// <summary>"tenant/group", or a range.</summary>
    public required string From { get; init; }

    public required string To { get; init; }

    /// <summary>The vrfs in which both have addresses; none where they have none in common.</summary>
    public required IReadOnlyList<ReachVrf> Vrfs { get; init; }
}

/// <summary>What may pass in one vrf. Neighbour discovery and DHCP clients' traffic pass besides.</summary>
/// <param name="EveryPair">The services that every address of the one may use to every address of the other: "tcp/443", "any", "any but tcp/22"; empty if there are none.</param>
/// <param name="EveryPairRules">The rules that let them, "tenant/policy/rule" and "default".</param>
/// <param name="SomePairs">What only some may, beyond that.</param>
public sealed record ReachVrf(string Vrf, string EveryPair, IReadOnlyList<string> EveryPairRules, IReadOnlyList<ReachPairs> SomePairs)
{
    /// <summary>Whether nothing may pass.</summary>
    [JsonIgnore]
    public bool IsClosed => EveryPair.Length == 0 && SomePairs.Count == 0;
}

/// <summary>All pairs of some sources and some destinations, and the services that they may use.</summary>
/// <param name="Rules">The rules that let them, "tenant/policy/rule" and "default".</param>
public sealed record ReachPairs(NamedAddresses Sources, NamedAddresses Destinations, string Services, IReadOnlyList<string> Rules);
