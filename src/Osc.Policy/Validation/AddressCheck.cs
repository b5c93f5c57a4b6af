using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>Checks that addresses are unique in their vrf and lie in their network, MAC addresses are unique in their network, and subnets of a vrf are apart.</summary>
internal static class AddressCheck
{
    private static readonly Prefix IPv6LinkLocal = Prefix.Parse("fe80::/10");
    private static readonly Prefix IPv4LinkLocal = Prefix.Parse("169.254.0.0/16");

    public static void Check(Findings findings)
    {
        CheckSubnets(findings);
        var addresses = new Dictionary<(QualifiedName Vrf, IpAddress Address), (WorkloadDocument Workload, string Path)>();
        var macs = new Dictionary<(QualifiedName Network, MacAddress Mac), (WorkloadDocument Workload, string Path)>();
        foreach (var workload in findings.Documents.OfType<WorkloadDocument>())
        {
            for (var i = 0; i < workload.Interfaces.Count; i++)
            {
                var (card, path) = (workload.Interfaces[i], $"spec.interfaces[{i}]");
                if (findings.Documents.Find<NetworkDocument>(Kind.Network, card.Network) is not { } network)
                {
                    continue;
                }

                if (!macs.TryAdd((network.QualifiedName, card.Mac), (workload, path + ".mac")))
                {
                    var (owner, at) = macs[(network.QualifiedName, card.Mac)];
                    findings.Add(
                        workload,
                        path + ".mac",
                        $"{card.Mac} is {owner.QualifiedName}'s already{findings.Place(owner, at)}",
                        $"an address of its own in network {network.QualifiedName}");
                }

                for (var n = 0; n < card.Addresses.Count; n++)
                {
                    var (address, place) = (card.Addresses[n], $"{path}.addresses[{n}]");
                    if (!addresses.TryAdd((network.Vrf, address), (workload, place)))
                    {
                        var (owner, at) = addresses[(network.Vrf, address)];
                        findings.Add(workload, place, $"{address} is {owner.QualifiedName}'s already{findings.Place(owner, at)}", $"an address of its own in vrf {network.Vrf}");
                    }

                    CheckPlaceInNetwork(findings, workload, place, (address, network));
                }
            }
        }
    }

    private static void CheckPlaceInNetwork(Findings findings, WorkloadDocument workload, string path, (IpAddress Address, NetworkDocument Network) card)
    {
        var (address, network) = card;
        if (network.Subnets.Count == 0 || IPv6LinkLocal.Contains(address) || IPv4LinkLocal.Contains(address))
        {
            return;
        }

        var subnets = string.Join(", ", network.Subnets);
        var around = network.Subnets.Where(s => s.Contains(address)).ToArray();
        if (around is not [var subnet, ..])
        {
            findings.Add(workload, path, $"{address} is in no subnet of network {network.QualifiedName}", subnets);
        }
        else if (address.IsIPv4 && subnet.Length < 31 && (address == subnet.Network || address == subnet.Last))
        {
            findings.Add(workload, path, $"{address} is the {(address == subnet.Last ? "broadcast" : "network's own")} address of {subnet}", subnets);
        }
    }

    /// <summary>Prefixes are apart or within each other, so in address order it is enough to look at those that are still open.</summary>
    private static void CheckSubnets(Findings findings)
    {
        foreach (var vrf in findings.Documents.OfType<NetworkDocument>().GroupBy(n => n.Vrf))
        {
            var open = new Stack<(Prefix Subnet, NetworkDocument Network, int Index)>();
            var subnets = vrf.SelectMany(n => n.Subnets.Select((s, i) => (Subnet: s, Network: n, Index: i))).OrderBy(s => s.Subnet).ThenBy(s => s.Network.Key);
            foreach (var current in subnets)
            {
                while (open.TryPeek(out var last) && !last.Subnet.Contains(current.Subnet))
                {
                    open.Pop();
                }

                if (open.TryPeek(out var around) && around.Network != current.Network)
                {
                    var place = findings.Place(around.Network, $"spec.subnets[{around.Index}]");
                    findings.Add(
                        current.Network,
                        $"spec.subnets[{current.Index}]",
                        $"{current.Subnet} overlaps {around.Subnet} of network {around.Network.QualifiedName}{place}",
                        $"subnets without an address in common in vrf {vrf.Key}");
                }

                open.Push(current);
            }
        }
    }
}
