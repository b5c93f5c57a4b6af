using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>
/// What documents name, clouds and hosts included. Validation.References says besides where in the document the name stands,
/// which costs a text each.
/// </summary>
internal static class Targets
{
    /// <summary>The documents that a document names, each as often as it names it. The tenant of what has a global name is left out.</summary>
    public static List<DocumentKey> Of(Document document)
    {
        var targets = new List<DocumentKey>();
        Add(targets, document);
        return targets;
    }

    /// <summary>Adds what a document names.</summary>
    public static void Add(List<DocumentKey> targets, Document document)
    {
        switch (document)
        {
            case NetworkDocument network:
                AddGlobal(targets, Kind.Cloud, network.Cloud);
                break;
            case HostDocument host:
                AddGlobal(targets, Kind.Cloud, host.Cloud);
                foreach (var tunnel in host.Bridges.SelectMany(b => b.Tunnels))
                {
                    AddGlobal(targets, Kind.Host, tunnel.Host);
                }

                break;
            case WorkloadDocument workload:
                Add(targets, workload);
                break;
            case SecurityGroupDocument group:
                Add(targets, group.Members);
                Add(targets, group.Except);
                break;
            case PolicyDocument policy:
                Add(targets, policy);
                break;
            case InspectionChainDocument chain:
                foreach (var hop in chain.Hops)
                {
                    AddGlobal(targets, Kind.Host, hop.Ingress.Host);
                    AddGlobal(targets, Kind.Host, hop.Egress.Host);
                }

                break;
            case AssertionDocument assertion:
                Add(targets, assertion.From);
                Add(targets, assertion.To);
                Add(targets, assertion.Services);
                break;
        }
    }

    private static void Add(List<DocumentKey> targets, WorkloadDocument workload)
    {
        AddGlobal(targets, Kind.Cloud, workload.Cloud);
        foreach (var card in workload.Interfaces.AsSpan())
        {
            Add(targets, Kind.Network, card.Network);
            AddGlobal(targets, Kind.Host, card.Attachment?.Host);
        }
    }

    private static void Add(List<DocumentKey> targets, PolicyDocument policy)
    {
        Add(targets, policy.AppliedTo);
        foreach (var rule in policy.Rules.AsSpan())
        {
            Add(targets, rule.From);
            Add(targets, rule.To);
            Add(targets, rule.Services);
            Add(targets, Kind.InspectionChain, rule.Chain);
        }
    }

    private static void Add(List<DocumentKey> targets, ValueList<Clause> clauses)
    {
        foreach (var clause in clauses.AsSpan())
        {
            switch (clause)
            {
                case WorkloadClause workload:
                    Add(targets, Kind.Workload, workload.Workload);
                    break;
                case NetworkClause network:
                    Add(targets, Kind.Network, network.Network);
                    break;
                case GroupClause group:
                    Add(targets, Kind.SecurityGroup, group.Group);
                    break;
                case CidrClause cidr:
                    Add(targets, Kind.Network, cidr.Network);
                    break;
                case FqdnClause fqdn:
                    targets.Add(DnsNameDocument.KeyOf(fqdn.Fqdn));
                    break;
            }
        }
    }

    private static void Add(List<DocumentKey> targets, ValueList<Peer> peers)
    {
        foreach (var peer in peers.AsSpan())
        {
            Add(targets, Kind.SecurityGroup, (peer as GroupPeer)?.Group);
        }
    }

    private static void Add(List<DocumentKey> targets, ValueList<ServiceReference> services)
    {
        foreach (var service in services.AsSpan())
        {
            Add(targets, Kind.Service, (service as NamedService)?.Service);
        }
    }

    private static void Add(List<DocumentKey> targets, Kind kind, QualifiedName? name)
    {
        if (name is { } named)
        {
            targets.Add(new(named.Tenant, kind, named.Name));
        }
    }

    private static void AddGlobal(List<DocumentKey> targets, Kind kind, Name? name)
    {
        if (name is { } named)
        {
            targets.Add(new(default, kind, named));
        }
    }
}
