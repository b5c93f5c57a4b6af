using System.Collections.Frozen;
using Osc.Model;
using Osc.Switch.Ovsdb;

namespace Osc.Switch.Reconcile;

/// <summary>
/// The OpenFlow numbers of a bridge's ports, by every name that flows may use for them: the interface's name, its iface-id
/// and its xs-vif-uuid. An interface's name goes before an id of another one; an id that several interfaces bear at once
/// (as for a moment during a move) names none of them, because guessing could deliver to the wrong one.
/// </summary>
public sealed class PortBinding
{
    public static readonly PortBinding Empty = Of(new Dictionary<PortName, uint>());

    private readonly FrozenDictionary<PortName, uint> numbers;

    private PortBinding(FrozenDictionary<PortName, uint> numbers) => this.numbers = numbers;

    public IReadOnlyDictionary<PortName, uint> Numbers => numbers;

    public static PortBinding Of(IReadOnlyDictionary<PortName, uint> numbers) => new(numbers.ToFrozenDictionary());

    public static PortBinding Of(SwitchBridge bridge)
    {
        var numbered = bridge.Ports.Where(p => p.OpenFlowPort is not null).ToArray();
        var ids = numbered
            .SelectMany(p => new[] { p.IfaceId, p.XsVifUuid }.Distinct().Select(id => (Id: id, Number: p.OpenFlowPort!.Value)))
            .Where(p => PortName.TryParse(p.Id, out _))
            .GroupBy(p => PortName.Parse(p.Id!), p => p.Number)
            .Where(g => g.Count() == 1)
            .ToDictionary(g => g.Key, g => g.Single());
        foreach (var port in bridge.Ports)
        {
            // Also an interface that has no number yet keeps its name from being read as another one's id.
            ids.Remove(port.Name);
        }

        foreach (var port in numbered)
        {
            ids[port.Name] = port.OpenFlowPort!.Value;
        }

        return Of(ids);
    }

    /// <summary>The port's number, or null where the bridge has no such port.</summary>
    public uint? Find(PortName port) => numbers.TryGetValue(port, out var number) ? number : null;
}
