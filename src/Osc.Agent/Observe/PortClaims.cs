using Osc.Model;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;

namespace Osc.Agent.Observe;

/// <summary>A name that several ports of a bridge claim.</summary>
public sealed record NameConflict(PortName Bridge, PortName Name, ValueList<PortName> Ports)
{
    public override string ToString() => $"bridge {Bridge}: the ports {string.Join(", ", Ports)} all claim the name {Name}; it is bound to none of them";
}

/// <summary>
/// Which names the ports of a bridge claim: each its interface's name, its iface-id and its xs-vif-uuid. A name that one port claims
/// is bound to its number; one that several claim is bound to none, because guessing could deliver to the wrong workload.
/// </summary>
public sealed record PortClaims(PortBinding Binding, ValueList<NameConflict> Conflicts)
{
    public static PortClaims Of(SwitchBridge bridge)
    {
        var claims = bridge.Ports
            .SelectMany(port => Names(port).Distinct().Select(name => (Name: name, Port: port)))
            .GroupBy(claim => claim.Name, claim => claim.Port)
            .ToArray();
        var numbers = claims
            .Where(c => c.Count() == 1 && c.Single().OpenFlowPort is not null)
            .ToDictionary(c => c.Key, c => c.Single().OpenFlowPort!.Value);
        var conflicts = claims
            .Where(c => c.Count() > 1)
            .Select(c => new NameConflict(bridge.Name, c.Key, c.Select(p => p.Name).Order().ToValueList()))
            .OrderBy(c => c.Name);
        return new(PortBinding.Of(numbers), conflicts.ToValueList());
    }

    /// <summary>Whether every name means the same number in both.</summary>
    public bool BindsAs(PortBinding other) =>
        Binding.Numbers.Count == other.Numbers.Count && Binding.Numbers.All(n => other.Find(n.Key) == n.Value);

    private static IEnumerable<PortName> Names(SwitchPort port)
    {
        yield return port.Name;
        foreach (var id in new[] { port.IfaceId, port.XsVifUuid })
        {
            if (PortName.TryParse(id, out var name))
            {
                yield return name;
            }
        }
    }
}
