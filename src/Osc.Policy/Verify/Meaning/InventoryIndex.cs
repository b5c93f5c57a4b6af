using System.Collections.Concurrent;
using Osc.Model;

namespace Osc.Policy.Verify.Meaning;

/// <summary>The interfaces of a state, found by label, network and address; each way is laid out when first asked for.</summary>
internal sealed class InventoryIndex(State state)
{
    private readonly Lazy<ILookup<(string Key, string Value), PlacedInterface>> byLabel =
        new(() => state.Interfaces.SelectMany(i => LabelValues.All(i.Workload).Select(l => (Label: l, Interface: i))).ToLookup(p => p.Label, p => p.Interface));

    private readonly Lazy<ILookup<QualifiedName, PlacedInterface>> byNetwork = new(() => state.Interfaces.ToLookup(i => i.Interface.Network));
    private readonly Lazy<ILookup<QualifiedName, PlacedInterface>> byVrf = new(() => state.Interfaces.ToLookup(i => i.Vrf));
    private readonly ConcurrentDictionary<QualifiedName, OwnedAddress[]> owned = [];

    /// <summary>Those whose workload has a label.</summary>
    public IEnumerable<PlacedInterface> With(string key, string value) => byLabel.Value[(key, value)];

    public IEnumerable<PlacedInterface> In(QualifiedName network) => byNetwork.Value[network];

    /// <summary>The addresses of a vrf that workloads have, in order.</summary>
    public OwnedAddress[] OwnedIn(QualifiedName vrf) => owned.GetOrAdd(vrf, Sort);

    private OwnedAddress[] Sort(QualifiedName vrf)
    {
        OwnedAddress[] sorted = [.. byVrf.Value[vrf].SelectMany(i => i.Interface.Addresses.Select(a => new OwnedAddress(a, i)))];
        Array.Sort(sorted, OwnedAddress.ByAddress);
        return sorted;
    }
}
