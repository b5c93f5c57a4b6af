using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>Random changes of networks, hosts, tenants and the addresses of DNS names.</summary>
internal sealed class InventoryChurn(Random random, ChurnWorld world)
{
    private const int MaxReferrers = 8;
    private const int FirstVni = 1_000_000;

    /// <summary>DNS names that groups have as members.</summary>
    public static readonly string[] DnsNames = ["api.example.com", "cdn.example.com", "*.example.com"];

    private static readonly string[] DnsAddresses = ["203.0.113.7", "203.0.113.8", "203.0.113.130", "10.1.0.5", "10.1.0.6", "2001:db8::7", "fd00:1::5"];

    private readonly int startNetworks = world.Networks.All.Count;
    private readonly int startHosts = world.Hosts.All.Count;

    public void Step()
    {
        switch (random.Next(8))
        {
            case 0:
                ToggleDefaultAction(random.Pick(world.Owners));
                break;
            case 1 or 2:
                ChangeHosts();
                break;
            case 3 or 4:
                Resolve(random.Pick(DnsNames));
                break;
            default:
                ChangeNetworks();
                break;
        }
    }

    private void ToggleDefaultAction(Name tenant)
    {
        var key = new DocumentKey(Tenants.System, Kind.Tenant, tenant);
        switch (world.Documents.Find(key))
        {
            case TenantDocument { DefaultAction: DefaultAction.Allow } allowing:
                world.Put(allowing with { DefaultAction = DefaultAction.Drop });
                break;
            case TenantDocument when random.OneIn(2):
                world.Remove(key);
                break;
            default:
                world.Put(new TenantDocument(new(tenant, Tenants.System), DefaultAction.Allow, Quotas.None));
                break;
        }
    }

    private void Resolve(string fqdn)
    {
        var key = DnsNameDocument.KeyOf(fqdn);
        if (world.Documents.Contains(key) && random.OneIn(4))
        {
            world.Remove(key);
            return;
        }

        var addresses = DnsAddresses.Where(_ => random.OneIn(3)).Select(IpAddress.Parse).ToList();
        if (random.OneIn(3) && world.Workloads.All.Count > 0)
        {
            addresses.AddRange(random.Pick(world.Workloads.All).Interfaces[0].Addresses);
        }

        world.Put(new DnsNameDocument(fqdn, addresses.Distinct().ToValueList()));
    }

    private void ChangeHosts()
    {
        var count = world.Hosts.All.Count;
        var host = random.Pick(world.Hosts.All);
        switch (random.Next(5))
        {
            case 0 when count < (2 * startHosts) + 2:
                world.Put(new HostDocument(new(RandomExtensions.Numbered("ch", world.NextNumber()), Tenants.System), null, [new(PortName.Parse("br-int"), [PortName.Parse("trunk")])]));
                break;
            case 1 when count > 1:
                RemoveHost(host);
                break;
            case 2:
                world.Put(new RandomTunnels(random).Change(host, world.Hosts.All));
                break;
            default:
                var place = random.Next(host.Bridges.Count);
                world.Put(host with { Bridges = host.Bridges.Select((b, i) => i == place ? ChangeUplinks(b) : b).ToValueList() });
                break;
        }
    }

    private Bridge ChangeUplinks(Bridge bridge) => bridge.Uplinks.Count > 0 && random.OneIn(2)
        ? bridge with { Uplinks = bridge.Uplinks.Skip(1).ToValueList() }
        : bridge with { Uplinks = [.. bridge.Uplinks.Take(2), PortName.Parse($"cuplink{world.NextNumber()}")] };

    /// <summary>Its workloads are attached nowhere then.</summary>
    private void RemoveHost(HostDocument host)
    {
        foreach (var other in world.ReferrersOf(host.Key).Select(world.Documents.Find).OfType<HostDocument>().ToArray())
        {
            world.Put(other with { Bridges = other.Bridges.Select(b => b with { Tunnels = b.Tunnels.Where(t => t.Host != host.Metadata.Name).ToValueList() }).ToValueList() });
        }

        var workloads = world.ReferrersOf(host.Key).Select(world.Documents.Find).OfType<WorkloadDocument>().ToArray();
        if (workloads.Length > MaxReferrers || workloads.Length < world.ReferrersOf(host.Key).Count)
        {
            return;
        }

        foreach (var workload in workloads)
        {
            world.Put(workload with { Interfaces = workload.Interfaces.Select(i => i.Attachment?.Host == host.Metadata.Name ? i with { Attachment = null } : i).ToValueList() });
        }

        world.Remove(host.Key);
    }

    private void ChangeNetworks()
    {
        var network = random.Pick(world.Networks.All);
        switch (random.Next(6))
        {
            case 0 when world.Networks.All.Count < (2 * startNetworks) + 4:
                AddNetwork(network);
                break;
            case 1 when world.Networks.All.Count > 1 && world.ReferrersOf(network.Key).All(r => r.Kind == Kind.SecurityGroup):
                foreach (var group in world.ReferrersOf(network.Key).ToArray())
                {
                    world.Put(Names.Without(world.Documents.Find(group)!, network.Key)); // the index names documents that are there
                }

                world.Remove(network.Key);
                break;
            case 2:
                world.Put(network with { Segment = new(SegmentType.Vni, FirstVni + world.NextNumber()) });
                break;
            case 3 when world.ReferrersOf(network.Key).Count <= MaxReferrers:
                MoveToVrf(network);
                break;
            default:
                world.Put(network with { Multicast = !network.Multicast });
                break;
        }
    }

    /// <summary>In a vrf of its own, with subnets that others have elsewhere.</summary>
    private void AddNetwork(NetworkDocument like)
    {
        var number = world.NextNumber();
        var metadata = new Metadata(RandomExtensions.Numbered("cn", number), like.Metadata.Tenant);
        world.Put(new NetworkDocument(metadata, null, new(like.Metadata.Tenant, RandomExtensions.Numbered("cv", number)), new(SegmentType.Vni, FirstVni + number), like.Subnets, random.OneIn(4)));
    }

    /// <summary>To a new vrf, or to that of another network, where no subnet of the two has an address in common.</summary>
    private void MoveToVrf(NetworkDocument network)
    {
        var vrf = random.OneIn(3) ? new QualifiedName(network.Metadata.Tenant, RandomExtensions.Numbered("cv", world.NextNumber())) : random.Pick(world.Networks.All).Vrf;
        var there = world.Networks.All.Where(n => n.Vrf == vrf && n.Key != network.Key).ToArray();
        var isFree = network.Subnets.Count > 0 && there.All(n => n.Subnets.Count > 0)
            && !there.SelectMany(n => n.Subnets).Any(s => network.Subnets.Any(own => own.Contains(s) || s.Contains(own)));
        if (isFree)
        {
            world.Put(network with { Vrf = vrf });
        }
    }
}
