using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>Checks clouds, hosts, bridges and ports: that they are there, and that no two interfaces get in each other's way.</summary>
internal static class PlacementCheck
{
    public static void Check(Findings findings)
    {
        foreach (var document in findings.Documents)
        {
            CheckNames(findings, document);
        }

        var ports = new Dictionary<(Name Host, PortName Port), PluggedInterface>();
        var segments = new Dictionary<(Name Host, PortName Bridge, Segment Segment), PluggedInterface>();
        foreach (var workload in findings.Documents.OfType<WorkloadDocument>())
        {
            for (var i = 0; i < workload.Interfaces.Count; i++)
            {
                if (PluggedInterface.Of(findings, workload, i) is not { } plugged)
                {
                    continue;
                }

                if (!ports.TryAdd((plugged.Host.Metadata.Name, plugged.Attachment.Port), plugged))
                {
                    ReportPort(findings, plugged, ports[(plugged.Host.Metadata.Name, plugged.Attachment.Port)]);
                }
                else
                {
                    CheckUplink(findings, plugged);
                }

                if (plugged.Bridge is not { } bridge || plugged.Network is not { } network)
                {
                    CheckBridge(findings, plugged);
                }
                else if (!segments.TryAdd((plugged.Host.Metadata.Name, bridge.Name, network.Segment), plugged))
                {
                    CheckSegment(findings, plugged, segments[(plugged.Host.Metadata.Name, bridge.Name, network.Segment)]);
                }
            }
        }

        foreach (var host in findings.Documents.OfType<HostDocument>())
        {
            TunnelCheck.Check(findings, host);
        }

        foreach (var chain in findings.Documents.OfType<InspectionChainDocument>())
        {
            HopCheck.Check(findings, chain, (host, port) => ports.GetValueOrDefault((host, port))?.Workload);
        }
    }

    /// <summary>Checks the clouds and hosts that one document names.</summary>
    public static void CheckNames(Findings findings, Document document)
    {
        foreach (var (path, kind, name) in References.GlobalsOf(document).Where(r => !findings.Exists(r.Kind, r.Name)))
        {
            findings.Add(document, path, $"there is no {kind} {name}", $"the name of a {kind}", new(name.Value, () => findings.NamesOf(kind)));
        }
    }

    /// <param name="first">The interface that has the port, since it comes first.</param>
    public static void ReportPort(Findings findings, PluggedInterface plugged, PluggedInterface first) => findings.Add(
        plugged.Workload,
        plugged.Path + ".attachment.port",
        $"port {plugged.Attachment.Port} of host {plugged.Attachment.Host} is {first.Workload.QualifiedName}'s already"
        + findings.Place(first.Workload, first.Path + ".attachment.port"),
        "a port of its own");

    public static void CheckUplink(Findings findings, PluggedInterface plugged)
    {
        var port = plugged.Attachment.Port;
        if (plugged.Host.Bridges.Any(b => b.Names(port)))
        {
            findings.Add(
                plugged.Workload,
                plugged.Path + ".attachment.port",
                $"port {port} of host {plugged.Attachment.Host} is an uplink, a tunnel or the bridge itself",
                "a port that no Host names");
        }
    }

    public static void CheckBridge(Findings findings, PluggedInterface plugged)
    {
        if (plugged is { Bridge: null, Attachment.Bridge: { } bridge })
        {
            var bridges = plugged.Host.Bridges.Select(b => b.Name.Value).ToArray();
            findings.Add(
                plugged.Workload,
                plugged.Path + ".attachment.bridge",
                $"host {plugged.Attachment.Host} has no bridge {bridge}",
                string.Join(", ", bridges),
                new(bridge.Value, () => bridges));
        }
    }

    /// <summary>On one bridge a tag tells networks apart: two networks with the same one would be one.</summary>
    /// <param name="first">The first interface that is on the same segment of the same bridge.</param>
    public static void CheckSegment(Findings findings, PluggedInterface plugged, PluggedInterface first)
    {
        if (plugged is { Network: { } network, Bridge: { } bridge } && first.Network is { } other && network.Key != other.Key)
        {
            findings.Add(
                plugged.Workload,
                plugged.Path + ".network",
                $"networks {network.QualifiedName} and {other.QualifiedName} (of {first.Workload.QualifiedName}) are both {TextOf(network.Segment)}"
                + $" on bridge {bridge.Name} of host {plugged.Attachment.Host}",
                "networks with segments of their own on each bridge");
        }
    }

    private static string TextOf(Segment segment) => segment.Type switch
    {
        SegmentType.Vlan => $"VLAN {segment.Id}",
        SegmentType.Vni => $"VNI {segment.Id}",
        _ => "untagged",
    };
}

/// <summary>An interface that is attached to a host which is there and has bridges.</summary>
/// <param name="Bridge">null: the host does not have it.</param>
/// <param name="Network">null: it is not there.</param>
internal sealed record PluggedInterface(WorkloadDocument Workload, int Place, HostDocument Host, Bridge? Bridge, NetworkDocument? Network)
{
    public Attachment Attachment => Workload.Interfaces[Place].Attachment ?? throw new InvalidOperationException($"{Workload.QualifiedName} is not attached");

    public string Path => $"spec.interfaces[{Place}]";

    public static PluggedInterface? Of(Findings findings, WorkloadDocument workload, int place)
    {
        var card = workload.Interfaces[place];
        return card.Attachment is { } attachment && findings.Names.Host(attachment.Host) is { Bridges.Count: > 0 } host
            ? new(workload, place, host, host.BridgeOf(attachment), findings.Documents.Find<NetworkDocument>(Kind.Network, card.Network))
            : null;
    }
}
