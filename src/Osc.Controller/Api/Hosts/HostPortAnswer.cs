using Osc.Bus;
using Osc.Controller.Alarms;

namespace Osc.Controller.Api.Hosts;

/// <summary>A port of a host's switch.</summary>
/// <param name="Name">The OVS interface name.</param>
/// <param name="Number">The OpenFlow port number; null while it has none.</param>
/// <param name="Vif">The Xen guest's interface that the port is, as the host's toolstack wrote it into Xen's store; null where that is not known.</param>
/// <param name="Interfaces">
/// The workloads' interfaces that are attached by a name that the port claims, as TENANT/WORKLOAD/INTERFACE: one, if all is right.
/// </param>
public sealed record HostPortAnswer(
    string Bridge,
    string Name,
    int? Number,
    string? IfaceId,
    string? XsVifUuid,
    string? AttachedMac,
    bool LinkUp,
    PortVif? Vif,
    IReadOnlyList<string> Interfaces)
{
    internal static HostPortAnswer Of(AttachedPort attached)
    {
        var port = attached.Port;
        return new(
            attached.Bridge, port.Name, port.OpenFlowPort, port.IfaceId, port.XsVifUuid, port.AttachedMac, port.LinkUp, port.Vif,
            [.. attached.Interfaces.Select(i => i.ToString())]);
    }
}
