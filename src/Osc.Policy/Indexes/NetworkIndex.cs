using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>A network by its vrf.</summary>
internal readonly record struct NetworkKey(QualifiedName Vrf, QualifiedName Network) : IComparable<NetworkKey>
{
    public int CompareTo(NetworkKey other)
    {
        var byVrf = Vrf.CompareTo(other.Vrf);
        return byVrf != 0 ? byVrf : Network.CompareTo(other.Network);
    }
}

/// <summary>A subnet by its vrf, and the network that has it.</summary>
internal readonly record struct SubnetKey(QualifiedName Vrf, Prefix Subnet, QualifiedName Network) : IComparable<SubnetKey>
{
    public int CompareTo(SubnetKey other)
    {
        var order = Vrf.CompareTo(other.Vrf);
        order = order != 0 ? order : Subnet.CompareTo(other.Subnet);
        return order != 0 ? order : Network.CompareTo(other.Network);
    }
}

/// <summary>Networks by vrf, and subnets by vrf with their place in their network.</summary>
internal sealed record NetworkIndex(SortedMap<NetworkKey, NetworkDocument> Networks, SortedMap<SubnetKey, int> Subnets)
{
    public static NetworkIndex Of(DocumentSet documents)
    {
        var (networks, subnets) = (new SortedMapBuilder<NetworkKey, NetworkDocument>(), new SortedMapBuilder<SubnetKey, int>());
        foreach (var network in documents.OfType<NetworkDocument>())
        {
            networks.Add(KeyOf(network), network);
            for (var i = 0; i < network.Subnets.Count; i++)
            {
                subnets.Add(new(network.Vrf, network.Subnets[i], network.QualifiedName), i);
            }
        }

        return new(networks.ToMap(), subnets.ToMap());
    }

    public NetworkIndex With(DocumentChanges changes)
    {
        var (networks, subnets) = (Networks, Subnets);
        foreach (var change in changes)
        {
            if (change.Before is NetworkDocument before)
            {
                networks = networks.Without(KeyOf(before));
                subnets = before.Subnets.Aggregate(subnets, (map, s) => map.Without(new(before.Vrf, s, before.QualifiedName)));
            }

            if (change.After is NetworkDocument after)
            {
                networks = networks.With(KeyOf(after), after);
                subnets = after.Subnets.Index().Aggregate(subnets, (map, s) => map.With(new(after.Vrf, s.Item, after.QualifiedName), s.Index));
            }
        }

        return new(networks, subnets);
    }

    public IEnumerable<NetworkDocument> InVrf(QualifiedName vrf) => Networks.From(new(vrf, default)).TakeWhile(p => p.Key.Vrf == vrf).Select(p => p.Value);

    /// <summary>Whether a tenant has a network in a vrf.</summary>
    public bool HasNetworkOf(Name tenant, QualifiedName vrf) =>
        Networks.TryFindFrom(new(vrf, new(tenant, default)), out var first) && first.Key.Vrf == vrf && first.Key.Network.Tenant == tenant;

    private static NetworkKey KeyOf(NetworkDocument network) => new(network.Vrf, network.QualifiedName);
}
