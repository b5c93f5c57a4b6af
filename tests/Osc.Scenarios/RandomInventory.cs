using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios;

/// <summary>Random tenants, networks, hosts and workloads.</summary>
internal sealed class RandomInventory(Random random)
{
    private static readonly string[] Apps = ["web", "app", "db"];
    private static readonly string[] Environments = ["prod", "stage", "test"];

    private readonly List<Document> documents = [];
    private readonly List<NetworkDocument> networks = [];
    private readonly HashSet<(QualifiedName Vrf, IpAddress Address)> taken = [];
    private int nextMac = 1;

    public IReadOnlyList<Document> Make()
    {
        var tenants = Enumerable.Range(1, 1 + random.Next(3)).Select(i => RandomExtensions.Numbered("t", i)).ToArray();
        documents.Add(new CloudDocument(new(Name.Parse("lab"), Tenants.System), Name.Parse("static")));
        var hosts = Enumerable.Range(1, 1 + random.Next(3)).Select(MakeHost).ToArray();
        hosts = random.OneIn(2) ? hosts : [.. hosts.Select(h => new RandomTunnels(random).Change(h, hosts))];
        documents.AddRange(hosts);
        foreach (var tenant in tenants)
        {
            if (random.OneIn(2))
            {
                documents.Add(new TenantDocument(new(tenant, Tenants.System), random.OneIn(3) ? DefaultAction.Allow : DefaultAction.Drop, Quotas.None));
            }

            MakeNetworks(tenant, tenants[0]);
        }

        foreach (var tenant in tenants)
        {
            for (var i = 1; i <= 2 + random.Next(4); i++)
            {
                MakeWorkload(tenant, i, hosts);
            }
        }

        return documents;
    }

    private HostDocument MakeHost(int number) => new(
        new(RandomExtensions.Numbered("h", number), Tenants.System),
        null,
        [new(PortName.Parse("br-int"), [PortName.Parse("trunk")]), .. random.OneIn(5) ? [new Bridge(PortName.Parse("br-two"), [PortName.Parse("trunk2")])] : Array.Empty<Bridge>()]);

    /// <summary>The n-th network of a vrf has the subnets 10.n.0.0/24 and fd00:n::/64, so addresses repeat from vrf to vrf.</summary>
    private void MakeNetworks(Name tenant, Name firstTenant)
    {
        for (var i = 1; i <= 1 + random.Next(3); i++)
        {
            var vrf = random.Next(5) switch
            {
                0 => new QualifiedName(firstTenant, Name.Parse("default")),
                1 => new QualifiedName(tenant, Name.Parse("other")),
                _ => new QualifiedName(tenant, Name.Parse("default")),
            };
            var place = 1 + networks.Count(n => n.Vrf == vrf);
            var segment = new Segment(SegmentType.Vlan, 100 + networks.Count);
            Prefix[] subnets = [Prefix.Parse($"10.{place}.0.0/24"), Prefix.Parse($"fd00:{place}::/64")];
            var network = new NetworkDocument(new(RandomExtensions.Numbered("n", i), tenant), Name.Parse("lab"), vrf, segment, [.. subnets], false);
            networks.Add(network);
            documents.Add(network);
        }
    }

    private void MakeWorkload(Name tenant, int number, HostDocument[] hosts)
    {
        var labels = new Dictionary<string, string> { ["app"] = random.Pick(Apps) };
        if (random.OneIn(2))
        {
            labels["env"] = random.Pick(Environments);
        }

        if (random.OneIn(4))
        {
            labels["legacy"] = "true";
        }

        var own = networks.Where(n => n.Metadata.Tenant == tenant).ToArray();
        var interfaces = Enumerable.Range(0, 1 + (random.OneIn(4) ? 1 : 0)).Select(i => MakeInterface(random.Pick(own), i, hosts)).ToValueList();
        var cloud = random.OneIn(3) ? Name.Parse("lab") : (Name?)null;
        documents.Add(new WorkloadDocument(new(RandomExtensions.Numbered("w", number), tenant, Labels.Of(labels)), cloud, interfaces));
    }

    private Interface MakeInterface(NetworkDocument network, int number, HostDocument[] hosts)
    {
        var mac = MacAddress.FromBits(0x0200_0000_0000UL + (ulong)nextMac);
        var port = PortName.Parse(string.Create(CultureInfo.InvariantCulture, $"vif{nextMac++}.0"));
        var addresses = new List<IpAddress>();
        foreach (var subnet in network.Subnets)
        {
            if (addresses.Count == 0 || random.Next(4) > 0)
            {
                addresses.Add(FreeAddress(network, subnet));
            }
        }

        var host = random.Pick(hosts);
        var bridge = random.Pick(host.Bridges);
        var attachment = random.OneIn(20) ? null : new Attachment(host.Metadata.Name, random.OneIn(2) || bridge != host.Bridges[0] ? bridge.Name : null, port);
        return new(RandomExtensions.Numbered("eth", number), mac, addresses.ToValueList(), network.QualifiedName, attachment);
    }

    private IpAddress FreeAddress(NetworkDocument network, Prefix subnet)
    {
        while (true)
        {
            var address = IpAddress.FromBits(subnet.Network.Bits + (UInt128)(1 + random.Next(40)));
            if (taken.Add((network.Vrf, address)))
            {
                return address;
            }
        }
    }
}
