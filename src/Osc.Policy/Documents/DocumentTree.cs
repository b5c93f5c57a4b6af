using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>
/// A document as a tree in canonical form: fields in the order of <see cref="DocumentFields"/>, defaults and empty lists left out (so a default
/// that is added to the language later changes no printed document), names of the document's own tenant without the tenant. The tenant itself is
/// always there: a document means the same wherever it is kept.
/// </summary>
internal static class DocumentTree
{
    public static MappingNode Of(Document document)
    {
        var metadata = document.Metadata;
        return Mapping(
            ("apiVersion", Text(Document.ApiVersion)),
            ("kind", Text(document.Kind.ToString())),
            ("metadata", Mapping(
                ("name", Text(metadata.Name)),
                ("tenant", Text(metadata.Tenant)),
                ("labels", metadata.Labels.Count == 0 ? null : Mapping(metadata.Labels.Select(l => (l.Key, (SourceNode?)Text(l.Value))).ToArray())))),
            ("spec", SpecOf(document)));
    }

    private static MappingNode SpecOf(Document document) => document switch
    {
        TenantDocument tenant => Of(tenant),
        CloudDocument cloud => Mapping(("type", cloud.Type == CloudDocument.Static ? null : Text(cloud.Type))),
        NetworkDocument network => Of(network),
        HostDocument host => Mapping(
            ("cloud", Text(host.Cloud)),
            ("bridges", List(host.Bridges, Of))),
        WorkloadDocument workload => Mapping(("cloud", Text(workload.Cloud)), ("interfaces", List(workload.Interfaces, i => Of(i, workload.Metadata.Tenant)))),
        DnsNameDocument name => Mapping(("fqdn", Text(name.Fqdn)), ("addresses", ListOrNone(name.Addresses, a => Text(a)))),
        SecurityGroupDocument group => Mapping(
            ("members", ListOrNone(group.Members, c => Of(c, group.Metadata.Tenant))),
            ("except", ListOrNone(group.Except, c => Of(c, group.Metadata.Tenant))),
            ("shared", Flag(group.Shared))),
        ServiceDocument service => Mapping(("ports", List(service.Ports, p => Text(p))), ("shared", Flag(service.Shared))),
        PolicyDocument policy => Of(policy),
        InspectionChainDocument chain => Mapping(("hops", List(chain.Hops, Of))),
        AssertionDocument assertion => Mapping((Words<AssertionMode>.Of(assertion.Mode), Of(assertion))),
        _ => throw new InvalidOperationException($"no tree for {document.Kind}"),
    };

    private static MappingNode Of(TenantDocument tenant)
    {
        var quotas = tenant.Quotas;
        return Mapping(
            ("defaultAction", Word(tenant.DefaultAction, DefaultAction.Drop)),
            ("approvals", Number(tenant.Approvals == 0 ? null : tenant.Approvals)),
            ("quotas", quotas == Quotas.None ? null : Mapping(
                ("securityGroups", Number(quotas.SecurityGroups)),
                ("services", Number(quotas.Services)),
                ("policies", Number(quotas.Policies)),
                ("rules", Number(quotas.Rules)),
                ("workloads", Number(quotas.Workloads)),
                ("networks", Number(quotas.Networks)))));
    }

    private static MappingNode Of(NetworkDocument network)
    {
        var tenant = network.Metadata.Tenant;
        var segment = network.Segment;
        return Mapping(
            ("cloud", Text(network.Cloud)),
            ("vrf", network.Vrf == new QualifiedName(tenant, NetworkDocument.DefaultVrf) ? null : Text(network.Vrf.ToString(tenant))),
            ("vlan", segment.Type == SegmentType.Vlan ? Number(segment.Id) : null),
            ("vni", segment.Type == SegmentType.Vni ? Number(segment.Id) : null),
            ("subnets", ListOrNone(network.Subnets, s => Text(s))),
            ("multicast", Flag(network.Multicast)));
    }

    private static MappingNode Of(Interface card, Name tenant) => Mapping(
        ("name", Text(card.Name)),
        ("mac", Text(card.Mac)),
        ("addresses", ListOrNone(card.Addresses, a => Text(a))),
        ("network", Text(card.Network.ToString(tenant))),
        ("attachment", card.Attachment is not { } attachment ? null : Mapping(
            ("host", Text(attachment.Host)),
            ("bridge", Text(attachment.Bridge)),
            ("port", Text(attachment.Port)))));

    private static MappingNode Of(Clause clause, Name tenant) => clause switch
    {
        SelectorClause selector => Mapping(("selector", Text(selector.Selector))),
        WorkloadClause workload => Mapping(("workload", Text(workload.Workload.ToString(tenant)))),
        NetworkClause network => Mapping(("network", Text(network.Network.ToString(tenant)))),
        GroupClause group => Mapping(("group", Text(group.Group.ToString(tenant)))),
        CidrClause cidr => Mapping(("network", Text(cidr.Network?.ToString(tenant))), ("cidr", Text(cidr.Cidr))),
        FqdnClause fqdn => Mapping(("fqdn", Text(fqdn.Fqdn))),
        _ => throw new InvalidOperationException($"no such clause: {clause}"),
    };

    private static MappingNode Of(PolicyDocument policy)
    {
        var tenant = policy.Metadata.Tenant;
        return Mapping(
            ("tier", Word(policy.Tier, PolicyDocument.DefaultTier)),
            ("order", policy.Order == PolicyDocument.DefaultOrder ? null : Number(policy.Order)),
            ("appliedTo", ListOrNone(policy.AppliedTo, p => Of(p, tenant))),
            ("rules", ListOrNone(policy.Rules, r => Of(r, tenant))));
    }

    private static MappingNode Of(Rule rule, Name tenant) => Mapping(
        ("name", Text(rule.Name)),
        ("from", ListOrNone(rule.From, p => Of(p, tenant))),
        ("to", ListOrNone(rule.To, p => Of(p, tenant))),
        ("services", ListOrNone(rule.Services, s => Of(s, tenant))),
        ("action", Text(Words<RuleAction>.Of(rule.Action))),
        ("chain", Text(rule.Chain?.ToString(tenant))),
        ("direction", Word(rule.Direction, Direction.Both)),
        ("mode", Word(rule.Mode, RuleMode.Enforce)),
        ("log", Flag(rule.Log)),
        ("onRevoke", Word(rule.OnRevoke, OnRevoke.Cut)));

    private static MappingNode Of(Hop hop) => Mapping(
        ("name", Text(hop.Name)),
        ("ingress", Of(hop.Ingress)),
        ("egress", Of(hop.Egress)),
        ("onFailure", Word(hop.OnFailure, OnFailure.Closed)));

    private static MappingNode Of(Bridge bridge) => Mapping(
        ("name", Text(bridge.Name)),
        ("uplinks", ListOrNone(bridge.Uplinks, u => Text(u))),
        ("tunnels", ListOrNone(bridge.Tunnels, t => Mapping(("host", Text(t.Host)), ("bridge", Text(t.Bridge)), ("port", Text(t.Port))))));

    private static MappingNode Of(HopPort port) => Mapping(("host", Text(port.Host)), ("bridge", Text(port.Bridge)), ("port", Text(port.Port)));

    private static MappingNode Of(AssertionDocument assertion)
    {
        var tenant = assertion.Metadata.Tenant;
        return Mapping(
            ("from", ListOrNone(assertion.From, p => Of(p, tenant))),
            ("to", ListOrNone(assertion.To, p => Of(p, tenant))),
            ("services", ListOrNone(assertion.Services, s => Of(s, tenant))));
    }

    private static ScalarNode Of(Peer peer, Name tenant) => peer switch
    {
        GroupPeer group => Text(group.Group.ToString(tenant)),
        CidrPeer cidr => Text(cidr.Cidr.ToString()),
        _ => throw new InvalidOperationException($"no such peer: {peer}"),
    };

    private static ScalarNode Of(ServiceReference service, Name tenant) => service switch
    {
        NamedService named => Text(named.Service.ToString(tenant)),
        InlineService inline => Text(inline.Port.ToString()),
        _ => throw new InvalidOperationException($"no such service: {service}"),
    };

    private static MappingNode Mapping(params ReadOnlySpan<(string Key, SourceNode? Value)> fields)
    {
        var present = new List<FieldNode>(fields.Length);
        foreach (var (key, value) in fields)
        {
            if (value is not null)
            {
                present.Add(new(key, default, value));
            }
        }

        return new(default, present.ToValueList());
    }

    private static SequenceNode List<T>(ValueList<T> items, Func<T, SourceNode> node) => new(default, items.Select(node).ToValueList());

    private static SequenceNode? ListOrNone<T>(ValueList<T> items, Func<T, SourceNode> node) => items.Count == 0 ? null : List(items, node);

    /// <summary>A value in its canonical text.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    private static ScalarNode? Text(object? value) => value is null ? null : new(default, value.ToString() ?? "", ScalarType.Text);

    private static ScalarNode? Number(int? number) =>
        number is { } present ? new ScalarNode(default, present.ToString(CultureInfo.InvariantCulture), ScalarType.Number) : null;

    private static ScalarNode? Flag(bool flag) => flag ? new ScalarNode(default, "true", ScalarType.Boolean) : null;

    private static ScalarNode? Word<T>(T value, T usual)
        where T : struct, Enum => value.Equals(usual) ? null : Text(Words<T>.Of(value));
}
