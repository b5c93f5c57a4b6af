using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Large;

/// <summary>Inventory and intent of a large scenario as they are put down; MAC addresses and port names number themselves.</summary>
/// <param name="firstInterface">Where the numbers begin, for sites that come together.</param>
internal sealed class Site(uint firstInterface = 1)
{
    private static readonly PortName BridgeName = PortName.Parse("br-int");
    private static readonly PortName UplinkName = PortName.Parse("trunk");
    private static readonly Name InterfaceName = Name.Parse("eth0");

    private readonly List<Document> documents = [];
    private uint nextInterface = firstInterface;

    public DocumentSet Documents => DocumentSet.Of(documents);

    public void Add(Document document) => documents.Add(document);

    /// <summary>A host with one bridge and one uplink.</summary>
    public Name AddHost(string name)
    {
        documents.Add(new HostDocument(new(Name.Parse(name), Tenants.System), null, [new(BridgeName, [UplinkName])]));
        return Name.Parse(name);
    }

    /// <param name="vrf">null: the tenant's own.</param>
    public QualifiedName AddNetwork(QualifiedName name, int vni, QualifiedName? vrf, params ValueList<Prefix> subnets)
    {
        documents.Add(new NetworkDocument(
            new(name.Name, name.Tenant), null, vrf ?? new(name.Tenant, NetworkDocument.DefaultVrf), new(SegmentType.Vni, vni), subnets, false));
        return name;
    }

    public void AddTenant(Name tenant, DefaultAction defaultAction) => documents.Add(new TenantDocument(new(tenant, Tenants.System), defaultAction, Quotas.None));

    public WorkloadDocument AddWorkload(Metadata metadata, QualifiedName network, Name? host, params ValueList<IpAddress> addresses)
    {
        var workload = MakeWorkload(metadata, network, host, addresses);
        documents.Add(workload);
        return workload;
    }

    /// <summary>A workload with one interface that has a MAC address and a port of its own.</summary>
    public WorkloadDocument MakeWorkload(Metadata metadata, QualifiedName network, Name? host, ValueList<IpAddress> addresses)
    {
        var number = nextInterface++;
        var mac = MacAddress.FromBits(0x0200_0000_0000UL | number);
        var attachment = host is { } name ? new Attachment(name, null, PortName.Parse(string.Create(CultureInfo.InvariantCulture, $"vif{number}"))) : null;
        return new(metadata, null, [new(InterfaceName, mac, addresses, network, attachment)]);
    }
}

/// <summary>Short forms of what large scenarios are made of.</summary>
internal static class Make
{
    public static Name Named(string prefix, int number) => Name.Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}"));

    public static Labels Labelled(string key, string value) => Labels.Empty.With(key, value);

    /// <summary>A group of the workloads whose label has the value.</summary>
    public static SecurityGroupDocument Group(QualifiedName name, string key, string value, bool shared = false) =>
        new(new(name.Name, name.Tenant), [Selected(key, value)], [], shared);

    public static SelectorClause Selected(string key, string value) => new(new Selector([new Requirement(key, SelectorOperator.Equals, [value])]));

    public static ServiceReference Tcp(int port) => new InlineService(ServicePort.Parse(string.Create(CultureInfo.InvariantCulture, $"tcp/{port}")));

    public static ServiceReference Service(string text) => new InlineService(ServicePort.Parse(text));

    public static ValueList<Peer> Peers(params IEnumerable<QualifiedName> groups) => groups.Select(g => (Peer)new GroupPeer(g)).ToValueList();

    /// <summary>An IPv4 address by its place after 10.0.0.0.</summary>
    public static IpAddress Ten(uint offset) => IpAddress.FromIPv4((10u << 24) + offset);

    public static readonly Prefix AllTen = Prefix.Parse("10.0.0.0/8");
}
