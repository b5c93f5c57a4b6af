using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy;

/// <summary>An interface together with the documents around it.</summary>
public sealed record PlacedInterface(WorkloadDocument Workload, Interface Interface, NetworkDocument Network)
{
    public Name Tenant => Workload.Metadata.Tenant;

    public QualifiedName Vrf => Network.Vrf;

    /// <summary>Of what tells interfaces apart; the documents whole would be long to hash.</summary>
    public override int GetHashCode() => HashCode.Combine(Workload.QualifiedName, Interface.Name);

    public override string ToString() => $"{Workload.QualifiedName}/{Interface.Name}";
}

/// <summary>
/// A set of documents that passed validation, at one revision: every reference holds, no group contains itself, no address
/// is owned twice in a vrf. Immutable, with the look-ups that everything else asks for; a state after a change shares what
/// the change does not concern with the state before.
/// Made by <see cref="Validation.StateValidator"/> and by nothing else.
/// </summary>
public sealed class State
{
    private readonly Lazy<ValueList<PlacedInterface>> interfaces;

    internal State(Revision revision, StateIndexes indexes)
    {
        Revision = revision;
        Indexes = indexes;
        interfaces = new(() => Documents.OfType<WorkloadDocument>().SelectMany(w => Enumerable.Range(0, w.Interfaces.Count).Select(i => Placed(w, i))).ToValueList());
    }

    public Revision Revision { get; }

    public DocumentSet Documents => Indexes.Documents;

    /// <summary>Every interface of every workload, in document order. Listed when first asked for.</summary>
    public ValueList<PlacedInterface> Interfaces => interfaces.Value;

    /// <summary>The hosts in name order.</summary>
    public IEnumerable<HostDocument> Hosts => Indexes.Names.Hosts;

    /// <summary>The vrfs that networks are in, in name order.</summary>
    public IEnumerable<QualifiedName> Vrfs => Indexes.Networks.Networks.Select(n => n.Key.Vrf).Distinct();

    /// <summary>The assertions in document order.</summary>
    public IEnumerable<AssertionDocument> Assertions => Indexes.Assertions.Assertions.Values;

    internal StateIndexes Indexes { get; }

    /// <summary>The interface that owns an address; null for an address that no workload has.</summary>
    public PlacedInterface? OwnerOf(QualifiedName vrf, IpAddress address)
    {
        var key = new AddressKey(vrf, address);
        return Indexes.Interfaces.Addresses.TryFindFrom(key, out var found) && found.Key.IsSameAddress(key) ? Placed(found.Value, found.Key.Interface.Place) : null;
    }

    /// <summary>The interface that has a MAC address in a network.</summary>
    public PlacedInterface? OwnerOf(QualifiedName network, MacAddress mac)
    {
        var key = new MacKey(network, mac);
        return Indexes.Interfaces.Macs.TryFindFrom(key, out var found) && found.Key.IsSameMac(key) ? Placed(found.Value, found.Key.Interface.Place) : null;
    }

    /// <summary>The interface that is plugged into a port.</summary>
    public PlacedInterface? InterfaceAt(Name host, PortName port)
    {
        var key = new PortKey(host, port);
        return Indexes.Interfaces.Ports.TryFindFrom(key, out var found) && found.Key.IsSamePort(key) ? Placed(found.Value, found.Key.Interface.Place) : null;
    }

    /// <summary>The interfaces that are attached to a host, in document order.</summary>
    public IEnumerable<PlacedInterface> InterfacesOn(Name host) => Indexes.InterfacesOn(host).Select(i => Placed(i.Workload, i.Key.Place));

    /// <summary>The interfaces in a network, in MAC order.</summary>
    public IEnumerable<PlacedInterface> InterfacesIn(QualifiedName network) => Indexes.InterfacesIn(network).Select(i => Placed(i.Workload, i.Key.Place));

    /// <summary>The networks that have an interface on a bridge, by segment.</summary>
    public IEnumerable<NetworkDocument> NetworksOn(Name host, PortName bridge) => Indexes.Interfaces.Segments
        .From(new(host, bridge, default, default))
        .TakeWhile(s => s.Key.Host == host && s.Key.Bridge == bridge)
        .Select(s => Network(s.Key.Network));

    public HostDocument? Host(Name name) => Indexes.Names.Host(name);

    /// <summary>A tenant's document; null if it has none, and so the defaults.</summary>
    public TenantDocument? Tenant(Name name) => Indexes.Names.Tenant(name);

    /// <summary>The networks of a vrf, in document order.</summary>
    public IEnumerable<NetworkDocument> NetworksOf(QualifiedName vrf) => Indexes.Networks.InVrf(vrf);

    /// <summary>What a tenant's workloads do where no rule decided; drop, where the tenant has no document.</summary>
    public DefaultAction DefaultActionOf(Name tenant) => Tenant(tenant)?.DefaultAction ?? DefaultAction.Drop;

    /// <summary>A tenant's policies by tier, order and name.</summary>
    public IEnumerable<PolicyDocument> PoliciesOf(Name tenant) => Indexes.Policies.Of(tenant);

    /// <summary>The documents that name a document, in document order.</summary>
    public IEnumerable<DocumentKey> ReferrersOf(DocumentKey key) => Indexes.References.To(key);

    /// <summary>
    /// Whether a vrf is one of the tenant's: it bears the tenant's name, or one of the tenant's networks is in it.
    /// Every vrf is the system tenant's.
    /// </summary>
    public bool IsVrfOf(Name tenant, QualifiedName vrf) => tenant == Tenants.System || vrf.Tenant == tenant || Indexes.Networks.HasNetworkOf(tenant, vrf);

    /// <summary>The addresses of a DNS name, or of a pattern, as its document says; none where there is no document.</summary>
    public ValueList<IpAddress> AddressesOf(string fqdn) =>
        Documents.Find(DnsNameDocument.KeyOf(fqdn)) is DnsNameDocument name && name.Fqdn == fqdn ? name.Addresses : ValueList<IpAddress>.Empty;

    public NetworkDocument Network(QualifiedName name) => Get<NetworkDocument>(Kind.Network, name);

    public SecurityGroupDocument Group(QualifiedName name) => Get<SecurityGroupDocument>(Kind.SecurityGroup, name);

    public InspectionChainDocument Chain(QualifiedName name) => Get<InspectionChainDocument>(Kind.InspectionChain, name);

    public ServiceDocument Service(QualifiedName name) => Get<ServiceDocument>(Kind.Service, name);

    /// <summary>The ports that a rule's or assertion's references name; none is any.</summary>
    public IEnumerable<ServicePort> PortsOf(ServiceReference reference) => reference switch
    {
        InlineService inline => [inline.Port],
        NamedService named => Service(named.Service).Ports,
        _ => throw new InvalidOperationException($"no such service reference: {reference}"),
    };

    private PlacedInterface Placed(WorkloadDocument workload, int place) => new(workload, workload.Interfaces[place], Network(workload.Interfaces[place].Network));

    private T Get<T>(Kind kind, QualifiedName name)
        where T : Document => Documents.Find<T>(kind, name) ?? throw new InvalidOperationException($"a validated set has no {kind} {name}");
}
