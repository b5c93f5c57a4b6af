using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>
/// What documents name, clouds and hosts included, once for each time that they name it. Validation.References says besides
/// where in the document the name stands, which costs a text each.
/// </summary>
internal static class Targets
{
    /// <summary>The documents that a document names. The tenant of what has a global name is left out.</summary>
    public static IEnumerable<DocumentKey> Of(Document document) => document switch
    {
        NetworkDocument network => OfCloud(network.Cloud),
        HostDocument host => OfCloud(host.Cloud),
        WorkloadDocument workload => OfCloud(workload.Cloud).Concat(workload.Interfaces.SelectMany(OfInterface)),
        SecurityGroupDocument group => group.Members.Concat(group.Except).SelectMany(OfClause),
        PolicyDocument policy => OfPeers(policy.AppliedTo).Concat(policy.Rules.SelectMany(OfRule)),
        InspectionChainDocument chain => chain.Hops.SelectMany(h => new[] { OfHost(h.Ingress.Host), OfHost(h.Egress.Host) }),
        AssertionDocument assertion => OfPeers(assertion.From).Concat(OfPeers(assertion.To)).Concat(OfServices(assertion.Services)),
        _ => [],
    };

    private static IEnumerable<DocumentKey> OfCloud(Name? cloud) => cloud is { } name ? [new(default, Kind.Cloud, name)] : [];

    private static DocumentKey OfHost(Name host) => new(default, Kind.Host, host);

    private static IEnumerable<DocumentKey> OfInterface(Interface card) =>
        card.Attachment is { } attachment ? [KeyOf(Kind.Network, card.Network), OfHost(attachment.Host)] : [KeyOf(Kind.Network, card.Network)];

    private static IEnumerable<DocumentKey> OfClause(Clause clause) => clause switch
    {
        WorkloadClause workload => [KeyOf(Kind.Workload, workload.Workload)],
        NetworkClause network => [KeyOf(Kind.Network, network.Network)],
        GroupClause group => [KeyOf(Kind.SecurityGroup, group.Group)],
        CidrClause { Network: { } network } => [KeyOf(Kind.Network, network)],
        _ => [],
    };

    private static IEnumerable<DocumentKey> OfRule(Rule rule)
    {
        var named = OfPeers(rule.From).Concat(OfPeers(rule.To)).Concat(OfServices(rule.Services));
        return rule.Chain is { } chain ? named.Append(KeyOf(Kind.InspectionChain, chain)) : named;
    }

    private static IEnumerable<DocumentKey> OfPeers(ValueList<Peer> peers) => peers.OfType<GroupPeer>().Select(p => KeyOf(Kind.SecurityGroup, p.Group));

    private static IEnumerable<DocumentKey> OfServices(ValueList<ServiceReference> services) => services.OfType<NamedService>().Select(s => KeyOf(Kind.Service, s.Service));

    private static DocumentKey KeyOf(Kind kind, QualifiedName name) => new(name.Tenant, kind, name.Name);
}
