using Osc.Bus;
using Osc.Model;
using Osc.Model.Health;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;
using Osc.Xen.Vifs;

namespace Osc.Agent.Observe;

/// <summary>
/// Which names the ports of a bridge claim: each its interface's name and, as long as it can carry packets, its iface-id, its
/// xs-vif-uuid and its workload's MAC address. A name that one port claims is bound to its number; one that several claim is bound to
/// none, because guessing could deliver to the wrong workload.
/// <para>
/// The MAC address is attached-mac in the switch's database, or what Xen's store says of the guest's interface that has the
/// port's name. Where the two differ, neither counts. A port that carries the name of a guest's interface, and that the store does not
/// know, is left over from a guest that is no more and claims nothing but its name.
/// </para>
/// </summary>
/// <param name="Faults">Names that several ports claim, and ports of which two addresses are told.</param>
public sealed record PortClaims(PortBinding Binding, ValueList<Fault> Faults)
{
    public static PortClaims Of(SwitchBridge bridge, GuestPorts guests)
    {
        var known = guests.Vifs.ToLookup(v => v.Port);
        var ports = bridge.Ports.Select(port => (Port: port, Macs: MacsOf(port, known[port.Name]))).ToArray();
        var claims = ports
            .SelectMany(p => Names(p.Port, p.Macs, guests.AreAll && !known.Contains(p.Port.Name) && VifId.TryParse(p.Port.Name, out _)).Distinct().Select(name => (Name: name, p.Port)))
            .GroupBy(claim => claim.Name, claim => claim.Port)
            .ToArray();
        var numbers = claims
            .Where(c => c.Count() == 1 && c.Single().OpenFlowPort is not null)
            .ToDictionary(c => c.Key, c => c.Single().OpenFlowPort!.Value);
        var conflicts = claims
            .Where(c => c.Count() > 1)
            .OrderBy(c => c.Key)
            .Select(c => new Fault(
                AlarmKind.NameContested.Name, $"{bridge.Name}/{c.Key}",
                $"bridge {bridge.Name}: the ports {string.Join(", ", c.Select(p => p.Name).Order())} all claim the name {c.Key}; it is bound to none of them"));
        var contradictions = ports
            .Where(p => p.Macs.Count > 1)
            .Select(p => new Fault(
                AlarmKind.AddressContradicted.Name, $"{bridge.Name}/{p.Port.Name}",
                $"bridge {bridge.Name}: port {p.Port.Name} is said to have the addresses {string.Join(" and ", p.Macs)}; it is bound to neither"));
        return new(PortBinding.Of(numbers), conflicts.Concat(contradictions).ToValueList());
    }

    /// <summary>Whether every name means the same number in both.</summary>
    public bool BindsAs(PortBinding other) =>
        Binding.Numbers.Count == other.Numbers.Count && Binding.Numbers.All(n => other.Find(n.Key) == n.Value);

    /// <summary>Every address that is told of a port's workload, in order.</summary>
    private static ValueList<MacAddress> MacsOf(SwitchPort port, IEnumerable<VifIdentity> vifs) => vifs
        .Select(v => v.Mac)
        .Append(MacAddress.TryParse(port.AttachedMac, out var attached) ? attached : null)
        .OfType<MacAddress>()
        .Where(m => m.Bits != 0 && !m.IsMulticast)
        .Distinct()
        .Order()
        .ToValueList();

    private static IEnumerable<PortName> Names(SwitchPort port, ValueList<MacAddress> macs, bool isLeftOver)
    {
        yield return port.Name;
        if (port.OpenFlowPort is null || isLeftOver)
        {
            // What is left of a port stands in nobody's way.
            yield break;
        }

        foreach (var id in new[] { port.IfaceId, port.XsVifUuid, macs.Count == 1 ? macs[0].ToString() : null })
        {
            if (PortName.TryParse(id, out var name))
            {
                yield return name;
            }
        }
    }
}
