using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>What a document names, and the document without a name.</summary>
internal static class Names
{
    /// <summary>The documents that a document names, hosts included and clouds not; some more than once.</summary>
    public static IEnumerable<DocumentKey> In(Document document) => document switch
    {
        WorkloadDocument workload => workload.Interfaces.SelectMany(In),
        SecurityGroupDocument group => group.Members.Concat(group.Except).SelectMany(In),
        PolicyDocument policy => policy.AppliedTo.SelectMany(In).Concat(policy.Rules.SelectMany(r => r.From.Concat(r.To).SelectMany(In).Concat(r.Services.SelectMany(In)).Concat(In(r)))),
        HostDocument host => host.Bridges.SelectMany(b => b.Tunnels).Select(t => new DocumentKey(Tenants.System, Kind.Host, t.Host)),
        InspectionChainDocument chain => chain.Hops.SelectMany(h => new[] { h.Ingress, h.Egress }).Select(p => new DocumentKey(Tenants.System, Kind.Host, p.Host)),
        _ => [],
    };

    /// <summary>The document with every entry taken out that names a group, service, workload or network; a group whose members all go has one that nobody is.</summary>
    public static Document Without(Document document, DocumentKey name) => document switch
    {
        SecurityGroupDocument group => group with { Members = Keep(group.Members, c => !In(c).Contains(name), Nobody), Except = Keep(group.Except, c => !In(c).Contains(name)) },
        PolicyDocument policy => policy with
        {
            AppliedTo = Keep(policy.AppliedTo, p => !In(p).Contains(name)),
            Rules = policy.Rules.Select(r => r with
            {
                From = Keep(r.From, p => !In(p).Contains(name)),
                To = Keep(r.To, p => !In(p).Contains(name)),
                Services = Keep(r.Services, s => !In(s).Contains(name)),
            }).ToValueList(),
        },
        _ => throw new InvalidOperationException($"a {document.Kind} names no {name.Kind} that it can do without"),
    };

    private static readonly Clause Nobody = new SelectorClause(Selector.Parse("app = nobody"));

    private static ValueList<T> Keep<T>(ValueList<T> items, Func<T, bool> stays, params ReadOnlySpan<T> instead)
    {
        var kept = items.Where(stays).ToValueList();
        return kept.Count == 0 ? ValueList.Create(instead) : kept;
    }

    private static IEnumerable<DocumentKey> In(Interface card)
    {
        yield return Key(Kind.Network, card.Network);
        if (card.Attachment is { } attachment)
        {
            yield return new(Tenants.System, Kind.Host, attachment.Host);
        }
    }

    private static IEnumerable<DocumentKey> In(Clause clause) => clause switch
    {
        WorkloadClause workload => [Key(Kind.Workload, workload.Workload)],
        NetworkClause network => [Key(Kind.Network, network.Network)],
        GroupClause group => [Key(Kind.SecurityGroup, group.Group)],
        CidrClause { Network: { } network } => [Key(Kind.Network, network)],
        _ => [],
    };

    private static IEnumerable<DocumentKey> In(Rule rule) => rule.Chain is { } chain ? [Key(Kind.InspectionChain, chain)] : [];

    private static IEnumerable<DocumentKey> In(Peer peer) => peer is GroupPeer group ? [Key(Kind.SecurityGroup, group.Group)] : [];

    private static IEnumerable<DocumentKey> In(ServiceReference service) => service is NamedService named ? [Key(Kind.Service, named.Service)] : [];

    private static DocumentKey Key(Kind kind, QualifiedName name) => new(name.Tenant, kind, name.Name);
}
