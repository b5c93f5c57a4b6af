using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>A name in a document that stands for another document.</summary>
/// <param name="Path">Where it stands: "spec.rules[2].from[0]".</param>
/// <param name="Kind">What it must name.</param>
internal readonly record struct Reference(string Path, Kind Kind, QualifiedName Name);

/// <summary>Lists what documents name, as tenant and name. Clouds and hosts, whose names are global, are not among them.</summary>
internal static class References
{
    public static IEnumerable<Reference> Of(Document document) => document switch
    {
        WorkloadDocument workload => workload.Interfaces.Select((card, i) => new Reference($"spec.interfaces[{i}].network", Kind.Network, card.Network)),
        SecurityGroupDocument group => Of(group.Members, "spec.members").Concat(Of(group.Except, "spec.except")),
        PolicyDocument policy => Of(policy.AppliedTo, "spec.appliedTo").Concat(policy.Rules.SelectMany((rule, i) => Of(rule, $"spec.rules[{i}]"))),
        AssertionDocument assertion => Of(assertion, assertion.Mode == AssertionMode.Never ? "spec.never" : "spec.always"),
        _ => [],
    };

    /// <summary>The groups that clauses name.</summary>
    public static IEnumerable<Reference> GroupsIn(SecurityGroupDocument group) => Of(group).Where(r => r.Kind == Kind.SecurityGroup);

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
