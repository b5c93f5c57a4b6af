using Osc.Bus;
using Osc.Model;
using Osc.Model.Health;
using Osc.Policy;

namespace Osc.Controller.Alarms;

/// <summary>A switch port that an agent reported, with the workloads' interfaces that documents attach by a name that it claims.</summary>
internal sealed record AttachedPort(string Bridge, Port Port, IReadOnlyList<PlacedInterface> Interfaces)
{
    /// <summary>What cannot be right: two interfaces on one port, or an interface whose address is not the one that the host knows of the port.</summary>
    public IEnumerable<AlarmCause> Causes
    {
        get
        {
            if (Interfaces.Count > 1)
            {
                yield return new(AlarmKind.TwoWorkloads, Subject, $"bridge {Bridge}: port {Port.Name} is attached as {string.Join(" and ", Interfaces)}");
            }

            foreach (var placed in Interfaces)
            {
                if (Macs(Port) is { Length: > 0 } macs && !macs.Contains(placed.Interface.Mac))
                {
                    yield return new(AlarmKind.OtherGuest, Subject, $"bridge {Bridge}: port {Port.Name} has the address {macs[0]} and is attached as {placed}, which has {placed.Interface.Mac}");
                }
            }
        }
    }

    private string Subject => $"{Bridge}/{Port.Name}";

    public static AttachedPort Of(string bridge, Port port, State state, Name host) =>
        new(bridge, port, [.. new[] { port.Name, port.IfaceId, port.XsVifUuid }.Concat(Macs(port).Select(m => m.ToString()))
            .Distinct()
            .Select(name => PortName.TryParse(name, out var claimed) ? state.InterfaceAt(host, claimed) : null)
            .OfType<PlacedInterface>()
            .DistinctBy(placed => placed.ToString())
            .OrderBy(placed => placed.ToString(), StringComparer.Ordinal)]);

    /// <summary>The addresses that the host knows of the port's workload: one, if it knows any and all is right.</summary>
    private static MacAddress[] Macs(Port port) =>
        [.. new[] { port.Vif?.Mac, port.AttachedMac }.Select(m => MacAddress.TryParse(m, out var mac) ? mac : (MacAddress?)null).OfType<MacAddress>().Distinct()];
}
