using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>Reads the kinds that say what exists: tenants, clouds, networks, hosts, workloads and DNS names.</summary>
internal static class InventoryReader
{
    private const string AllowedCount = "0 or more";

    public static TenantDocument ReadTenant(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Field("defaultAction")?.Word<DefaultAction>("default action") ?? DefaultAction.Drop,
        spec.Field("quotas") is { } quotas && quotas.IsMapping() ? ReadQuotas(quotas) : Quotas.None)
    { Approvals = spec.Field("approvals")?.Integer($"0 to {TenantDocument.MaxApprovals}") ?? 0 };

    public static CloudDocument ReadCloud(Metadata metadata, DocumentNode spec) => new(metadata, spec.Field("type")?.Name() ?? CloudDocument.Static);

    public static NetworkDocument ReadNetwork(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Field("cloud")?.Name(),
        spec.Field("vrf")?.Reference() ?? new(metadata.Tenant, NetworkDocument.DefaultVrf),
        ReadSegment(spec),
        spec.Field("subnets")?.Items("a list of CIDRs").Select(PeerReader.ReadPrefix).ToValueList() ?? [],
        spec.Field("multicast")?.Boolean() ?? false);

    public static HostDocument ReadHost(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Field("cloud")?.Name(),
        spec.Required("bridges", "a list of bridges")?.Items("a list of bridges").Select(ReadBridge).ToValueList() ?? []);

    public static WorkloadDocument ReadWorkload(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Field("cloud")?.Name(),
        spec.Required("interfaces", "a list of interfaces")?.Items("a list of interfaces").Select(ReadInterface).ToValueList() ?? []);

    public static DnsNameDocument ReadDnsName(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Required("fqdn", "a DNS name")?.DnsName() ?? "",
        spec.Field("addresses")?.Items("a list of addresses").Select(a => a.Address()).ToValueList() ?? []);

    private static Quotas ReadQuotas(DocumentNode node) => new(
        node.Field("securityGroups")?.Integer(AllowedCount),
        node.Field("services")?.Integer(AllowedCount),
        node.Field("policies")?.Integer(AllowedCount),
        node.Field("rules")?.Integer(AllowedCount),
        node.Field("workloads")?.Integer(AllowedCount),
        node.Field("networks")?.Integer(AllowedCount));

    private static Segment ReadSegment(DocumentNode spec)
    {
        var vlan = spec.Field("vlan");
        var vni = spec.Field("vni");
        if (vlan is not null && vni is { } second)
        {
            second.Fail("'vni' beside 'vlan'", "one of them, or neither for an untagged network");
        }

        return (vlan, vni) switch
        {
            ({ } tag, _) => new(SegmentType.Vlan, tag.Integer("1 to 4094")),
            (_, { } key) => new(SegmentType.Vni, key.Integer("1 to 16777215")),
            _ => Segment.Untagged,
        };
    }

    private static Bridge ReadBridge(DocumentNode node) => node.IsMapping()
        ? new(
            node.Required("name", PortName.Allowed)?.PortName() ?? default,
            node.Field("uplinks")?.Items("a list of port names").Select(u => u.PortName()).ToValueList() ?? [],
            node.Field("tunnels")?.Items("a list of mappings of host and port").Select(ReadTunnel).ToValueList() ?? [])
        : new(default, []);

    private static Tunnel ReadTunnel(DocumentNode node) => node.IsMapping()
        ? new(
            node.Required("host", "the name of a Host")?.Name() ?? default,
            node.Field("bridge")?.PortName(),
            node.Required("port", PortName.Allowed)?.PortName() ?? default)
        : new(default, null, default);

    private static Interface ReadInterface(DocumentNode node) => node.IsMapping()
        ? new(
            node.Required("name", Name.Allowed)?.Name() ?? default,
            node.Required("mac", AllowedMac)?.Parse("Ethernet address", AllowedMac, (string text, out MacAddress mac) => MacAddress.TryParse(text, out mac), default) ?? default,
            node.Field("addresses")?.Items("a list of addresses").Select(a => a.Address()).ToValueList() ?? [],
            node.Required("network", "the name of a Network of the tenant")?.Reference() ?? default,
            node.Field("attachment") is { } attachment && attachment.IsMapping() ? ReadAttachment(attachment) : null)
        : new(default, default, [], default, null);

    private const string AllowedMac = "six pairs of hexadecimal digits with colons between, as 02:00:00:00:00:01";

    private static Attachment ReadAttachment(DocumentNode node) => new(
        node.Required("host", "the name of a Host")?.Name() ?? default,
        node.Field("bridge")?.PortName(),
        node.Required("port", PortName.Allowed)?.PortName() ?? default);
}
