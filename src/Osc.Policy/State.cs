using System.Collections.Frozen;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy;

/// <summary>An interface together with the documents around it.</summary>
public sealed record PlacedInterface(WorkloadDocument Workload, Interface Interface, NetworkDocument Network)
{
    public Name Tenant => Workload.Metadata.Tenant;

    public QualifiedName Vrf => Network.Vrf;

    public override string ToString() => $"{Workload.QualifiedName}/{Interface.Name}";
}

/// <summary>
/// A set of documents that passed validation, at one revision: every reference holds, no group contains itself, no address
/// is owned twice in a vrf. Immutable, with the look-ups that everything else asks for.
/// Made by <see cref="Validation.StateValidator"/> and by nothing else.
/// </summary>
public sealed class State
{
    private readonly Lazy<FrozenDictionary<(QualifiedName Vrf, IpAddress Address), PlacedInterface>> owners;
    private readonly Lazy<FrozenDictionary<Name, HostDocument>> hosts;
    private readonly Lazy<FrozenDictionary<Name, ValueList<PolicyDocument>>> policies;
    private readonly Lazy<FrozenDictionary<QualifiedName, FrozenSet<Name>>> tenantsOfVrf;
    private readonly Lazy<FrozenDictionary<QualifiedName, ValueList<NetworkDocument>>> networks;
    private readonly Lazy<FrozenDictionary<Name, DefaultAction>> defaultActions;

    internal State(Revision revision, DocumentSet documents)
    {
        Revision = revision;
        Documents = documents;
        Interfaces = documents.OfType<WorkloadDocument>()
            .SelectMany(w => w.Interfaces.Select(i => new PlacedInterface(w, i, Network(i.Network))))
            .ToValueList();
        owners = new(() => Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (Key: (i.Vrf, a), Owner: i))).ToFrozenDictionary(p => p.Key, p => p.Owner));
        hosts = new(() => documents.OfType<HostDocument>().ToFrozenDictionary(h => h.Metadata.Name));
        policies = new(() => documents.OfType<PolicyDocument>()
            .GroupBy(p => p.Metadata.Tenant)
            .ToFrozenDictionary(g => g.Key, g => g.OrderBy(p => p.Tier).ThenBy(p => p.Order).ThenBy(p => p.Metadata.Name).ToValueList()));
        tenantsOfVrf = new(() => documents.OfType<NetworkDocument>()
            .GroupBy(n => n.Vrf)
            .ToFrozenDictionary(g => g.Key, g => g.Select(n => n.Metadata.Tenant).Append(g.Key.Tenant).ToFrozenSet()));
        networks = new(() => documents.OfType<NetworkDocument>().GroupBy(n => n.Vrf).ToFrozenDictionary(g => g.Key, g => g.ToValueList()));
        defaultActions = new(() => documents.OfType<TenantDocument>().ToFrozenDictionary(t => t.Metadata.Name, t => t.DefaultAction));
    }

    public Revision Revision { get; }

    public DocumentSet Documents { get; }

    /// <summary>Every interface of every workload, in document order.</summary>
    public ValueList<PlacedInterface> Interfaces { get; }

    public IEnumerable<HostDocument> Hosts => hosts.Value.Values.OrderBy(h => h.Metadata.Name);

    /// <summary>The vrfs that networks are in, in name order.</summary>
    public IEnumerable<QualifiedName> Vrfs => tenantsOfVrf.Value.Keys.Order();

    /// <summary>The interface that owns an address; null for an address that no workload has.</summary>
    public PlacedInterface? OwnerOf(QualifiedName vrf, IpAddress address) => owners.Value.GetValueOrDefault((vrf, address));

    public HostDocument? Host(Name name) => hosts.Value.GetValueOrDefault(name);

    /// <summary>The networks of a vrf, in document order.</summary>
    public ValueList<NetworkDocument> NetworksOf(QualifiedName vrf) => networks.Value.GetValueOrDefault(vrf) ?? ValueList<NetworkDocument>.Empty;

    /// <summary>What a tenant's workloads do where no rule decided; drop, where the tenant has no document.</summary>
    public DefaultAction DefaultActionOf(Name tenant) => defaultActions.Value.GetValueOrDefault(tenant, DefaultAction.Drop);

    /// <summary>A tenant's policies by tier, order and name.</summary>
    public ValueList<PolicyDocument> PoliciesOf(Name tenant) => policies.Value.GetValueOrDefault(tenant) ?? ValueList<PolicyDocument>.Empty;

    /// <summary>
    /// Whether a vrf is one of the tenant's: it bears the tenant's name, or one of the tenant's networks is in it.
    /// Every vrf is the system tenant's.
    /// </summary>
    public bool IsVrfOf(Name tenant, QualifiedName vrf) =>
        tenant == Tenants.System || vrf.Tenant == tenant || (tenantsOfVrf.Value.TryGetValue(vrf, out var tenants) && tenants.Contains(tenant));

    public NetworkDocument Network(QualifiedName name) => Get<NetworkDocument>(Kind.Network, name);

    public SecurityGroupDocument Group(QualifiedName name) => Get<SecurityGroupDocument>(Kind.SecurityGroup, name);

    public ServiceDocument Service(QualifiedName name) => Get<ServiceDocument>(Kind.Service, name);

    /// <summary>The ports that a rule's or assertion's references name; none is any.</summary>
    public IEnumerable<ServicePort> PortsOf(ServiceReference reference) => reference switch
    {
        InlineService inline => [inline.Port],
        NamedService named => Service(named.Service).Ports,
        _ => throw new InvalidOperationException($"no such service reference: {reference}"),
    };

    private T Get<T>(Kind kind, QualifiedName name)
        where T : Document => Documents.Find<T>(kind, name) ?? throw new InvalidOperationException($"a validated set has no {kind} {name}");
}
