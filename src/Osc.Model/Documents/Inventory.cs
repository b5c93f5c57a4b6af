namespace Osc.Model.Documents;

/// <summary>What a tenant's workloads do where no rule decided.</summary>
public enum DefaultAction
{
    Drop,
    Allow,
}

/// <summary>Upper bounds on what a tenant may have; null is unbounded.</summary>
public sealed record Quotas(int? SecurityGroups = null, int? Services = null, int? Policies = null, int? Rules = null, int? Workloads = null, int? Networks = null)
{
    public static readonly Quotas None = new();
}

/// <summary>A tenant's own settings. A tenant without this document has the defaults.</summary>
public sealed record TenantDocument(Metadata Metadata, DefaultAction DefaultAction, Quotas Quotas) : Document(Metadata)
{
    /// <summary>The most persons who can be asked to agree to a change.</summary>
    public const int MaxApprovals = 5;

    public override Kind Kind => Kind.Tenant;

    /// <summary>How many persons, beside the one who proposes it, have to agree to a change of the tenant's documents.</summary>
    public int Approvals { get; init; }
}

/// <summary>A cloud: where hosts, networks and workloads come from.</summary>
/// <param name="Type">The kind of cloud: static, xen, openstack, kubernetes, aws, ...; "static" is inventory written by people.</param>
public sealed record CloudDocument(Metadata Metadata, Name Type) : Document(Metadata)
{
    /// <summary>The type of a cloud that says none: inventory written by people.</summary>
    public static readonly Name Static = Name.Parse("static");

    public override Kind Kind => Kind.Cloud;
}

/// <summary>How a network's frames are told apart on an uplink.</summary>
public enum SegmentType
{
    /// <summary>Untagged frames.</summary>
    Untagged,

    /// <summary>IEEE 802.1Q tag, 1 to 4094.</summary>
    Vlan,

    /// <summary>Tunnel key, 1 to 16777215.</summary>
    Vni,
}

/// <summary>A segment: its type, and the tag or key (0 if untagged).</summary>
public readonly record struct Segment(SegmentType Type, int Id)
{
    public static readonly Segment Untagged;
}

/// <summary>One layer-2 segment with its subnets, in a vrf.</summary>
public sealed record NetworkDocument(Metadata Metadata, Name? Cloud, QualifiedName Vrf, Segment Segment, ValueList<Prefix> Subnets, bool Multicast) : Document(Metadata)
{
    /// <summary>The vrf, of its own tenant, that a network is in which names none.</summary>
    public static readonly Name DefaultVrf = Name.Parse("default");

    public override Kind Kind => Kind.Network;
}

/// <summary>A port that leads to a bridge of another host by a tunnel whose key each frame has for itself. Inspected frames go to that bridge's appliances by it.</summary>
/// <param name="Bridge">One of that host's bridges; null is its first.</param>
public sealed record Tunnel(Name Host, PortName? Bridge, PortName Port);

/// <summary>A bridge that Osc programs, and its ports that lead off the host.</summary>
/// <param name="Uplinks">To networks.</param>
/// <param name="Tunnels">To other hosts' appliances.</param>
public sealed record Bridge(PortName Name, ValueList<PortName> Uplinks, ValueList<Tunnel> Tunnels)
{
    public Bridge(PortName name, ValueList<PortName> uplinks)
        : this(name, uplinks, [])
    {
    }

    /// <summary>Whether a port is there for other than a workload.</summary>
    public bool Names(PortName port) => Name == port || Uplinks.Contains(port) || Tunnels.Any(t => t.Port == port);
}

/// <summary>A host: a hypervisor, driver domain or node with an agent.</summary>
public sealed record HostDocument(Metadata Metadata, Name? Cloud, ValueList<Bridge> Bridges) : Document(Metadata)
{
    public override Kind Kind => Kind.Host;

    /// <summary>The bridge that an attachment means; null if the host does not have it.</summary>
    public Bridge? BridgeOf(Attachment attachment) => attachment.Bridge is { } name ? Bridges.FirstOrDefault(b => b.Name == name) : Bridges.FirstOrDefault();
}

/// <summary>Where an interface is plugged in.</summary>
/// <param name="Host">A Host document's name (host names are unique over all tenants).</param>
/// <param name="Bridge">One of the host's bridges; null is its first.</param>
/// <param name="Port">The port's OVS interface name, or its external_ids iface-id or xs-vif-uuid.</param>
public sealed record Attachment(Name Host, PortName? Bridge, PortName Port);

/// <summary>An interface of a workload.</summary>
/// <param name="Network">A network of the workload's tenant.</param>
/// <param name="Attachment">null while the workload is not placed on a host that Osc programs.</param>
public sealed record Interface(Name Name, MacAddress Mac, ValueList<IpAddress> Addresses, QualifiedName Network, Attachment? Attachment)
{
    /// <summary>The families that it speaks: those of its addresses, and both as long as it has none.</summary>
    public IReadOnlyList<IpFamily> Families => Addresses.Count == 0 ? [IpFamily.IPv4, IpFamily.IPv6] : [.. Addresses.Select(a => a.Family).Distinct()];
}

/// <summary>A VM, pod or appliance.</summary>
public sealed record WorkloadDocument(Metadata Metadata, Name? Cloud, ValueList<Interface> Interfaces) : Document(Metadata)
{
    public override Kind Kind => Kind.Workload;
}
