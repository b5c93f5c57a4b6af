using System.Collections.Frozen;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>A field of a kind of document.</summary>
/// <param name="Kind">null for what every kind has.</param>
/// <param name="Path">"spec.rules[].from": an element of a list is written [].</param>
/// <param name="Type">What may stand there.</param>
/// <param name="Default">What an absent field means; null where the field must be there.</param>
public sealed record DocumentField(Kind? Kind, string Path, string Type, string? Default)
{
    public bool IsRequired => Default is null;

    /// <summary>The words of which one stands there; null where it is no choice of words.</summary>
    public IReadOnlyList<string>? Words { get; init; }
}

/// <summary>Every field of every kind, in canonical order: what the reader takes, the printer prints and the documentation lists.</summary>
public static class DocumentFields
{
    private const string NameType = "name";
    private const string ReferenceType = "name or tenant/name";
    private const string PeersType = "list of group names, tenant/name, addresses and CIDRs";
    private const string OneClause = "none; a clause has exactly one, and a cidr may have a network beside it";
    private const string ServicesType = "list of service names, tenant/name and port specifications";

    public static readonly IReadOnlyList<DocumentField> All =
    [
        new(null, "apiVersion", Document.ApiVersion, null),
        new(null, "kind", "kind", null),
        new(null, "metadata", "mapping", null),
        new(null, "metadata.name", NameType, null),
        new(null, "metadata.tenant", NameType, "default"),
        new(null, "metadata.labels", "mapping of label keys to label values", "none"),
        new(null, "spec", "mapping", "all defaults, where no field of it is required"),

        Choice<DefaultAction>(Kind.Tenant, "spec.defaultAction", "drop"),
        new(Kind.Tenant, "spec.approvals", "whole number from 0 to 5", "0"),
        new(Kind.Tenant, "spec.quotas", "mapping", "unbounded"),
        new(Kind.Tenant, "spec.quotas.securityGroups", "whole number from 0", "unbounded"),
        new(Kind.Tenant, "spec.quotas.services", "whole number from 0", "unbounded"),
        new(Kind.Tenant, "spec.quotas.policies", "whole number from 0", "unbounded"),
        new(Kind.Tenant, "spec.quotas.rules", "whole number from 0", "unbounded"),
        new(Kind.Tenant, "spec.quotas.workloads", "whole number from 0", "unbounded"),
        new(Kind.Tenant, "spec.quotas.networks", "whole number from 0", "unbounded"),

        new(Kind.Cloud, "spec.type", NameType, "static"),

        new(Kind.Network, "spec.cloud", "name of a Cloud", "none"),
        new(Kind.Network, "spec.vrf", ReferenceType, "the tenant's own vrf default"),
        new(Kind.Network, "spec.vlan", "whole number from 1 to 4094", "untagged, unless vni is there"),
        new(Kind.Network, "spec.vni", "whole number from 1 to 16777215", "untagged, unless vlan is there"),
        new(Kind.Network, "spec.subnets", "list of CIDRs", "any address"),
        new(Kind.Network, "spec.multicast", "true or false", "false"),

        new(Kind.Host, "spec.cloud", "name of a Cloud", "none"),
        new(Kind.Host, "spec.bridges", "list of mappings, at least one", null),
        new(Kind.Host, "spec.bridges[].name", "port name", null),
        new(Kind.Host, "spec.bridges[].uplinks", "list of port names", "none"),
        new(Kind.Host, "spec.bridges[].tunnels", "list of mappings", "none"),
        new(Kind.Host, "spec.bridges[].tunnels[].host", "name of a Host", null),
        new(Kind.Host, "spec.bridges[].tunnels[].bridge", "port name", "the host's first bridge"),
        new(Kind.Host, "spec.bridges[].tunnels[].port", "port name", null),

        new(Kind.Workload, "spec.cloud", "name of a Cloud", "none"),
        new(Kind.Workload, "spec.interfaces", "list of mappings, at least one", null),
        new(Kind.Workload, "spec.interfaces[].name", NameType, null),
        new(Kind.Workload, "spec.interfaces[].mac", "Ethernet address", null),
        new(Kind.Workload, "spec.interfaces[].addresses", "list of addresses", "none"),
        new(Kind.Workload, "spec.interfaces[].network", "name of a Network of the tenant", null),
        new(Kind.Workload, "spec.interfaces[].attachment", "mapping", "not plugged in"),
        new(Kind.Workload, "spec.interfaces[].attachment.host", "name of a Host", null),
        new(Kind.Workload, "spec.interfaces[].attachment.bridge", "port name", "the host's first bridge"),
        new(Kind.Workload, "spec.interfaces[].attachment.port", "port name", null),

        new(Kind.DnsName, "spec.fqdn", "DNS name, or *. and a DNS name", null),
        new(Kind.DnsName, "spec.addresses", "list of addresses", "none"),

        new(Kind.SecurityGroup, "spec.members", "list of clauses", "none"),
        new(Kind.SecurityGroup, "spec.members[].selector", "selector", OneClause),
        new(Kind.SecurityGroup, "spec.members[].workload", ReferenceType, OneClause),
        new(Kind.SecurityGroup, "spec.members[].network", ReferenceType, OneClause),
        new(Kind.SecurityGroup, "spec.members[].group", ReferenceType, OneClause),
        new(Kind.SecurityGroup, "spec.members[].cidr", "address or CIDR", OneClause),
        new(Kind.SecurityGroup, "spec.members[].fqdn", "DNS name, or *. and a DNS name", OneClause),
        new(Kind.SecurityGroup, "spec.except", "list of clauses, as in members", "none"),
        new(Kind.SecurityGroup, "spec.shared", "true or false", "false"),

        new(Kind.Service, "spec.ports", "list of port specifications, at least one", null),
        new(Kind.Service, "spec.shared", "true or false", "false"),

        Choice<Tier>(Kind.Policy, "spec.tier", "application"),
        new(Kind.Policy, "spec.order", "whole number from 0 to 65535", "100"),
        new(Kind.Policy, "spec.appliedTo", PeersType, "everywhere"),
        new(Kind.Policy, "spec.rules", "list of mappings", "none"),
        new(Kind.Policy, "spec.rules[].name", NameType, null),
        new(Kind.Policy, "spec.rules[].from", PeersType, "any"),
        new(Kind.Policy, "spec.rules[].to", PeersType, "any"),
        new(Kind.Policy, "spec.rules[].services", ServicesType, "any"),
        Choice<RuleAction>(Kind.Policy, "spec.rules[].action", null),
        new(Kind.Policy, "spec.rules[].chain", "name of an InspectionChain", "none; required with inspect"),
        Choice<Direction>(Kind.Policy, "spec.rules[].direction", "both"),
        Choice<RuleMode>(Kind.Policy, "spec.rules[].mode", "enforce"),
        new(Kind.Policy, "spec.rules[].log", "true or false", "false"),
        Choice<OnRevoke>(Kind.Policy, "spec.rules[].onRevoke", "cut"),

        new(Kind.InspectionChain, "spec.hops", "list of mappings, at least one", null),
        new(Kind.InspectionChain, "spec.hops[].name", NameType, null),
        new(Kind.InspectionChain, "spec.hops[].ingress", "mapping", null),
        new(Kind.InspectionChain, "spec.hops[].ingress.host", "name of a Host", null),
        new(Kind.InspectionChain, "spec.hops[].ingress.bridge", "port name", "the host's first bridge"),
        new(Kind.InspectionChain, "spec.hops[].ingress.port", "port name", null),
        new(Kind.InspectionChain, "spec.hops[].egress", "mapping", null),
        new(Kind.InspectionChain, "spec.hops[].egress.host", "name of a Host", null),
        new(Kind.InspectionChain, "spec.hops[].egress.bridge", "port name", "the host's first bridge"),
        new(Kind.InspectionChain, "spec.hops[].egress.port", "port name", null),
        Choice<OnFailure>(Kind.InspectionChain, "spec.hops[].onFailure", "closed"),

        new(Kind.Assertion, "spec.never", "mapping", "exactly one of never and always"),
        new(Kind.Assertion, "spec.never.from", PeersType, "any"),
        new(Kind.Assertion, "spec.never.to", PeersType, "any"),
        new(Kind.Assertion, "spec.never.services", ServicesType, "any"),
        new(Kind.Assertion, "spec.always", "mapping, as never", "exactly one of never and always"),
    ];

    /// <summary><see cref="All"/>, and the fields under <c>spec.except</c> and <c>spec.always</c>, which are as those that are listed.</summary>
    public static readonly IReadOnlyList<DocumentField> Everywhere =
        [.. All, .. AsIn("spec.members[]", "spec.except[]"), .. AsIn("spec.never", "spec.always")];

    private static readonly FrozenDictionary<string, string[]> Children = Everywhere
        .Where(f => f.Path.Contains('.'))
        .GroupBy(f => $"{f.Kind}:{f.Path[..f.Path.LastIndexOf('.')]}")
        .ToFrozenDictionary(g => g.Key, g => g.Select(f => f.Path[(f.Path.LastIndexOf('.') + 1)..]).ToArray());

    /// <summary>The fields of a document itself.</summary>
    internal static IReadOnlyList<string> OfDocument { get; } = All.Where(f => !f.Path.Contains('.')).Select(f => f.Path).ToArray();

    /// <summary>The names of the fields that the mapping at a path may have.</summary>
    /// <param name="kind">null for the fields of <c>metadata</c>.</param>
    /// <param name="path">As in <see cref="DocumentField.Path"/>.</param>
    internal static IReadOnlyList<string> Under(Kind? kind, string path) => Children[$"{kind}:{path}"];

    private static DocumentField Choice<T>(Kind kind, string path, string? defaultWord)
        where T : struct, Enum
    {
        var words = Words<T>.All;
        return new(kind, path, $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}", defaultWord) { Words = words };
    }

    private static IEnumerable<DocumentField> AsIn(string original, string also) =>
        All.Where(f => f.Path.StartsWith(original + ".", StringComparison.Ordinal)).Select(f => f with { Path = also + f.Path[original.Length..] });
}
