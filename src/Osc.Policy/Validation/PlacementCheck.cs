using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>Checks clouds, hosts, bridges and ports: that they are there, and that no two interfaces get in each other's way.</summary>
internal static class PlacementCheck
{
    public static void Check(Findings findings)
    {
        var clouds = NamesOf(findings, Kind.Cloud);
        foreach (var document in findings.Documents)
        {
            var cloud = document switch
            {
                NetworkDocument network => network.Cloud,
                HostDocument host => host.Cloud,
                WorkloadDocument workload => workload.Cloud,
                _ => null,
            };
            if (cloud is { } name && !clouds.Contains(name))
            {
                findings.Add(document, "spec.cloud", $"there is no Cloud {name}{findings.Suggest(name.Value, clouds.Select(c => c.Value))}", "the name of a Cloud");
            }
        }

        var hosts = new Hosts(findings);
        foreach (var chain in findings.Documents.OfType<InspectionChainDocument>())
        {
            for (var i = 0; i < chain.Hops.Count; i++)
            {
                hosts.CheckExists(chain, $"spec.hops[{i}].ingress.host", chain.Hops[i].Ingress.Host);
                hosts.CheckExists(chain, $"spec.hops[{i}].egress.host", chain.Hops[i].Egress.Host);
            }
        }

        foreach (var workload in findings.Documents.OfType<WorkloadDocument>())
        {
            for (var i = 0; i < workload.Interfaces.Count; i++)
            {
                hosts.Place(workload, i);
            }
        }
    }

    private static HashSet<Name> NamesOf(Findings findings, Kind kind) =>
        [.. findings.Documents.Where(d => d.Kind == kind).Select(d => d.Metadata.Name), .. findings.UnreadNames(kind)];

    /// <summary>The hosts, and what has been plugged into them so far.</summary>
    private sealed class Hosts(Findings findings)
    {
        private readonly HashSet<Name> names = NamesOf(findings, Kind.Host);
        private readonly Dictionary<Name, HostDocument> hosts = findings.Documents.OfType<HostDocument>().GroupBy(h => h.Metadata.Name).ToDictionary(g => g.Key, g => g.First());
        private readonly Dictionary<(Name Host, PortName Port), (WorkloadDocument Workload, string Path)> ports = [];
        private readonly Dictionary<(Name Host, PortName Bridge, Segment Segment), (NetworkDocument Network, WorkloadDocument Workload)> segments = [];

        public bool CheckExists(Document document, string path, Name host)
        {
            if (names.Contains(host))
            {
                return true;
            }

            findings.Add(document, path, $"there is no Host {host}{findings.Suggest(host.Value, names.Select(n => n.Value))}", "the name of a Host");
            return false;
        }

        public void Place(WorkloadDocument workload, int index)
        {
            var path = $"spec.interfaces[{index}].attachment";
            if (workload.Interfaces[index].Attachment is not { } attachment
                || !CheckExists(workload, path + ".host", attachment.Host)
                || !hosts.TryGetValue(attachment.Host, out var host)
                || host.Bridges.Count == 0)
            {
                return;
            }

            CheckPort(workload, path + ".port", attachment, host);
            var bridge = attachment.Bridge ?? host.Bridges[0].Name;
            var bridges = host.Bridges.Select(b => b.Name.Value).ToArray();
            if (!bridges.Contains(bridge.Value))
            {
                var meant = findings.Suggest(bridge.Value, bridges);
                findings.Add(workload, path + ".bridge", $"host {attachment.Host} has no bridge {bridge}{meant}", string.Join(", ", bridges));
            }
            else if (findings.Documents.Find<NetworkDocument>(Kind.Network, workload.Interfaces[index].Network) is { } network)
            {
                CheckSegment((workload, $"spec.interfaces[{index}].network"), network, (attachment.Host, bridge));
            }
        }

        private void CheckPort(WorkloadDocument workload, string path, Attachment attachment, HostDocument host)
        {
            if (!ports.TryAdd((attachment.Host, attachment.Port), (workload, path)))
            {
                var (owner, at) = ports[(attachment.Host, attachment.Port)];
                findings.Add(workload, path, $"port {attachment.Port} of host {attachment.Host} is {owner.QualifiedName}'s already{findings.Place(owner, at)}", "a port of its own");
            }
            else if (host.Bridges.Any(b => b.Uplinks.Contains(attachment.Port) || b.Name == attachment.Port))
            {
                findings.Add(workload, path, $"port {attachment.Port} of host {attachment.Host} is an uplink or the bridge itself", "a port that no Host names");
            }
        }

        /// <summary>On one bridge a tag tells networks apart: two networks with the same one would be one.</summary>
        private void CheckSegment((WorkloadDocument Workload, string Path) card, NetworkDocument network, (Name Host, PortName Bridge) place)
        {
            var key = (place.Host, place.Bridge, network.Segment);
            if (!segments.TryAdd(key, (network, card.Workload)) && segments[key].Network.Key != network.Key)
            {
                var (other, workload) = segments[key];
                findings.Add(
                    card.Workload,
                    card.Path,
                    $"networks {network.QualifiedName} and {other.QualifiedName} (of {workload.QualifiedName}) are both {TextOf(network.Segment)}"
                    + $" on bridge {place.Bridge} of host {place.Host}",
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
}
