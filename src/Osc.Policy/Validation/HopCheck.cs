using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>Checks where chains' hops are: that their bridges are there, and that their ports lead to appliances and to nothing else.</summary>
internal static class HopCheck
{
    /// <param name="pluggedIn">The workload that is plugged into a port of a host, if one is.</param>
    public static void Check(Findings findings, InspectionChainDocument chain, Func<Name, PortName, WorkloadDocument?> pluggedIn)
    {
        for (var i = 0; i < chain.Hops.Count; i++)
        {
            CheckPort(findings, chain, $"spec.hops[{i}].ingress", chain.Hops[i].Ingress, pluggedIn);
            CheckPort(findings, chain, $"spec.hops[{i}].egress", chain.Hops[i].Egress, pluggedIn);
        }
    }

    private static void CheckPort(Findings findings, InspectionChainDocument chain, string path, HopPort hop, Func<Name, PortName, WorkloadDocument?> pluggedIn)
    {
        if (findings.Names.Host(hop.Host) is not { Bridges.Count: > 0 } host)
        {
            return;
        }

        if (hop.Bridge is { } bridge && host.Bridges.All(b => b.Name != bridge))
        {
            var bridges = host.Bridges.Select(b => b.Name.Value).ToArray();
            findings.Add(chain, path + ".bridge", $"host {hop.Host} has no bridge {bridge}", string.Join(", ", bridges), new(bridge.Value, () => bridges));
        }

        if (host.Bridges.Any(b => b.Names(hop.Port)))
        {
            findings.Add(chain, path + ".port", $"port {hop.Port} of host {hop.Host} is an uplink, a tunnel or the bridge itself", "a port that no Host names");
        }
        else if (pluggedIn(hop.Host, hop.Port) is { } workload)
        {
            findings.Add(chain, path + ".port", $"port {hop.Port} of host {hop.Host} is {workload.QualifiedName}'s{findings.Place(workload, "spec.interfaces")}", "a port that no workload has");
        }
    }
}
