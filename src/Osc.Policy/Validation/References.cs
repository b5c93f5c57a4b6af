using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>A name in a document that stands for another document.</summary>
/// <param name="Path">Where it stands: "spec.rules[2].from[0]".</param>
/// <param name="Kind">What it must name.</param>
internal readonly record struct Reference(string Path, Kind Kind, QualifiedName Name);

/// <summary>A name, the same in all tenants, that stands for another document.</summary>
/// <param name="Path">Where it stands: "spec.cloud".</param>
/// <param name="Kind">What it must name.</param>
internal readonly record struct GlobalReference(string Path, Kind Kind, Name Name);

/// <summary>Lists what documents name, and where.</summary>
internal static class References
{
    /// <summary>The documents that are named by tenant and name.</summary>
    public static IEnumerable<Reference> Of(Document document) => document switch
    {
        WorkloadDocument workload => workload.Interfaces.Select((card, i) => new Reference($"spec.interfaces[{i}].network", Kind.Network, card.Network)),
        SecurityGroupDocument group => Of(group.Members, "spec.members").Concat(Of(group.Except, "spec.except")),
        PolicyDocument policy => Of(policy.AppliedTo, "spec.appliedTo").Concat(policy.Rules.SelectMany((rule, i) => Of(rule, $"spec.rules[{i}]"))),
        AssertionDocument assertion => Of(assertion, assertion.Mode == AssertionMode.Never ? "spec.never" : "spec.always"),
        _ => [],
    };

    /// <summary>The clouds and hosts, which are named by a name alone.</summary>
    public static IEnumerable<GlobalReference> GlobalsOf(Document document) => document switch
    {
        NetworkDocument network => OfCloud(network.Cloud),
        HostDocument host => OfCloud(host.Cloud).Concat(host.Bridges.SelectMany((bridge, i) => bridge.Tunnels.Select((tunnel, j) => new GlobalReference($"spec.bridges[{i}].tunnels[{j}].host", Kind.Host, tunnel.Host)))),
        WorkloadDocument workload => OfCloud(workload.Cloud).Concat(workload.Interfaces.Index()
            .Where(i => i.Item.Attachment is not null)
            .Select(i => new GlobalReference($"spec.interfaces[{i.Index}].attachment.host", Kind.Host, i.Item.Attachment!.Host))), // filtered before
        InspectionChainDocument chain => chain.Hops.SelectMany((hop, i) => new GlobalReference[]
        {
            new($"spec.hops[{i}].ingress.host", Kind.Host, hop.Ingress.Host),
            new($"spec.hops[{i}].egress.host", Kind.Host, hop.Egress.Host),
        }),
        _ => [],
    };

    /// <summary>The groups that clauses name.</summary>
    public static IEnumerable<Reference> GroupsIn(SecurityGroupDocument group) => Of(group).Where(r => r.Kind == Kind.SecurityGroup);

    private static IEnumerable<GlobalReference> OfCloud(Name? cloud) => cloud is { } name ? [new("spec.cloud", Kind.Cloud, name)] : [];

    private static IEnumerable<Reference> Of(ValueList<Clause> clauses, string path)
    {
        for (var i = 0; i < clauses.Count; i++)
        {
            Reference? reference = clauses[i] switch
            {
                WorkloadClause workload => new($"{path}[{i}].workload", Kind.Workload, workload.Workload),
                NetworkClause network => new($"{path}[{i}].network", Kind.Network, network.Network),
                GroupClause group => new($"{path}[{i}].group", Kind.SecurityGroup, group.Group),
                CidrClause { Network: { } network } => new($"{path}[{i}].network", Kind.Network, network),
                _ => null,
            };
            if (reference is { } found)
            {
                yield return found;
            }
        }
    }

    private static IEnumerable<Reference> Of(Rule rule, string path)
    {
        var references = Of(rule.From, path + ".from").Concat(Of(rule.To, path + ".to")).Concat(Of(rule.Services, path + ".services"));
        return rule.Chain is { } chain ? references.Append(new(path + ".chain", Kind.InspectionChain, chain)) : references;
    }

    private static IEnumerable<Reference> Of(AssertionDocument assertion, string path) =>
        Of(assertion.From, path + ".from").Concat(Of(assertion.To, path + ".to")).Concat(Of(assertion.Services, path + ".services"));

    private static IEnumerable<Reference> Of(ValueList<Peer> peers, string path)
    {
        for (var i = 0; i < peers.Count; i++)
        {
            if (peers[i] is GroupPeer group)
            {
                yield return new($"{path}[{i}]", Kind.SecurityGroup, group.Group);
            }
        }
    }

    private static IEnumerable<Reference> Of(ValueList<ServiceReference> services, string path)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is NamedService named)
            {
                yield return new($"{path}[{i}]", Kind.Service, named.Service);
            }
        }
    }
}
