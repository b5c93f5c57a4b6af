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
        foreach (var vrf in findings.Documents.OfType<NetworkDocument>().GroupBy(n => n.Vrf))
        {
            CheckSubnets(findings, vrf.SelectMany(n => n.Subnets.Select((s, i) => new PlacedSubnet(s, n, i))).OrderBy(s => s.Subnet.Family).ThenBy(s => s.Subnet).ThenBy(s => s.Network.Key));
        }

        var addresses = new Dictionary<(QualifiedName Vrf, IpAddress Address), AddressPlace>();
        var macs = new Dictionary<(QualifiedName Network, MacAddress Mac), MacPlace>();
        foreach (var workload in findings.Documents.OfType<WorkloadDocument>())
        {
            for (var i = 0; i < workload.Interfaces.Count; i++)
            {
                var card = workload.Interfaces[i];
                if (findings.Documents.Find<NetworkDocument>(Kind.Network, card.Network) is not { } network)
                {
                    continue;
                }

                if (!macs.TryAdd((network.QualifiedName, card.Mac), new(workload, i)))
                {
                    ReportMac(findings, new(workload, i), macs[(network.QualifiedName, card.Mac)]);
                }

                for (var n = 0; n < card.Addresses.Count; n++)
                {
                    var place = new AddressPlace(workload, i, n);
                    if (!addresses.TryAdd((network.Vrf, place.Address), place))
                    {
                        ReportAddress(findings, place, addresses[(network.Vrf, place.Address)], network.Vrf);
                    }

                    CheckPlaceInNetwork(findings, place, network);
                }
            }
        }
    }

    public static void ReportMac(Findings findings, MacPlace place, MacPlace first) => findings.Add(
        place.Workload,
        place.Path,
        $"{place.Card.Mac} is {first.Workload.QualifiedName}'s already{findings.Place(first.Workload, first.Path)}",
        $"an address of its own in network {place.Card.Network}");

    public static void ReportAddress(Findings findings, AddressPlace place, AddressPlace first, QualifiedName vrf) => findings.Add(
        place.Workload,
        place.Path,
        $"{place.Address} is {first.Workload.QualifiedName}'s already{findings.Place(first.Workload, first.Path)}",
        $"an address of its own in vrf {vrf}");

    /// <summary>Checks that an address is one that a workload may have in the subnets of its network.</summary>
    public static void CheckPlaceInNetwork(Findings findings, AddressPlace place, NetworkDocument network)
    {
        var address = place.Address;
        if (network.Subnets.Count == 0 || IPv6LinkLocal.Contains(address) || IPv4LinkLocal.Contains(address))
        {
            return;
        }

        var subnets = string.Join(", ", network.Subnets);
        var around = network.Subnets.Where(s => s.Contains(address)).ToArray();
        if (around is not [var subnet, ..])
        {
            findings.Add(place.Workload, place.Path, $"{address} is in no subnet of network {network.QualifiedName}", subnets);
        }
        else if (address.IsIPv4 && subnet.Length < 31 && (address == subnet.Network || address == subnet.Last))
        {
            findings.Add(place.Workload, place.Path, $"{address} is the {(address == subnet.Last ? "broadcast" : "network's own")} address of {subnet}", subnets);
        }
    }

    /// <summary>Prefixes are apart or within each other, so in address order it is enough to look at those that are still open.</summary>
    /// <param name="subnets">Subnets of one vrf: those of IPv4 before those of IPv6, then in prefix order, equal ones in document order.</param>
    public static void CheckSubnets(Findings findings, IEnumerable<PlacedSubnet> subnets)
    {
        var open = new Stack<PlacedSubnet>();
        foreach (var current in subnets)
        {
            while (open.TryPeek(out var last) && !last.Subnet.Contains(current.Subnet))
            {
                open.Pop();
            }

            if (open.TryPeek(out var around) && around.Network != current.Network)
            {
                var place = findings.Place(around.Network, around.Path);
                findings.Add(
                    current.Network,
                    current.Path,
                    $"{current.Subnet} overlaps {around.Subnet} of network {around.Network.QualifiedName}{place}",
                    $"subnets without an address in common in vrf {current.Network.Vrf}");
            }

            open.Push(current);
        }
    }
}

/// <summary>A subnet, and where it is written.</summary>
internal readonly record struct PlacedSubnet(Prefix Subnet, NetworkDocument Network, int Index)
{
    public string Path => $"spec.subnets[{Index}]";
}

/// <summary>Where a MAC address is written: in a workload's interface.</summary>
internal readonly record struct MacPlace(WorkloadDocument Workload, int Place)
{
    public Interface Card => Workload.Interfaces[Place];

    public string Path => $"spec.interfaces[{Place}].mac";
}

/// <summary>Where an address is written: in a workload's interface, at an index.</summary>
internal readonly record struct AddressPlace(WorkloadDocument Workload, int Place, int Index)
{
    public IpAddress Address => Workload.Interfaces[Place].Addresses[Index];

    public string Path => $"spec.interfaces[{Place}].addresses[{Index}]";
}
