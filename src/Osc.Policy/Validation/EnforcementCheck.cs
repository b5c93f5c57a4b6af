using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>
/// Finds what can be written and stored but is not enforced yet. A plan or an apply that would need one of these is refused:
/// a rule that silently does nothing is worse than none.
/// </summary>
public static class EnforcementCheck
{
    /// <param name="documents">A set that <see cref="StateValidator"/> found sound.</param>
    /// <param name="sources">Where documents were read from, so that errors have places.</param>
    /// <returns>An error for each wildcard that no DnsName document resolves in a group that a rule uses, each enforced inspect rule and each assertion, in the order of files and lines.</returns>
    public static ValueList<DocumentError> Check(DocumentSet documents, DocumentSources? sources = null)
    {
        var findings = new Findings(documents, GlobalNames.Of(documents), sources ?? DocumentSources.None);
        foreach (var policy in documents.OfType<PolicyDocument>())
        {
            CheckInspection(findings, policy);
        }

        foreach (var assertion in documents.OfType<AssertionDocument>())
        {
            findings.Add(assertion, "kind", "not enforced yet: nothing proves that this assertion holds", "documents without assertions");
        }

        foreach (var (group, user) in GroupsInUse(documents))
        {
            CheckNames(findings, group, user);
        }

        return findings.Errors();
    }

    private static void CheckInspection(Findings findings, PolicyDocument policy)
    {
        for (var i = 0; i < policy.Rules.Count; i++)
        {
            if (policy.Rules[i] is { Action: RuleAction.Inspect, Mode: RuleMode.Enforce } rule)
            {
                findings.Add(
                    policy,
                    $"spec.rules[{i}].action",
                    $"not enforced yet: connections of rule '{rule.Name}' would not go through chain {rule.Chain}",
                    "allow, drop, reject, pass; or 'mode: disabled' until inspection is enforced");
            }
        }
    }

    private static void CheckNames(Findings findings, SecurityGroupDocument group, QualifiedName user)
    {
        foreach (var (field, clauses) in new[] { ("members", group.Members), ("except", group.Except) })
        {
            for (var i = 0; i < clauses.Count; i++)
            {
                if (clauses[i] is FqdnClause { Fqdn: var fqdn } && DnsNames.IsWildcard(fqdn) && findings.Documents.Find(DnsNameDocument.KeyOf(fqdn)) is null)
                {
                    findings.Add(
                        group,
                        $"spec.{field}[{i}].fqdn",
                        $"DNS has no answer for '{fqdn}', and policy {user} needs its addresses",
                        "names without '*', each of which is resolved; or a DnsName document that says the addresses");
                }
            }
        }
    }

    /// <summary>The groups that rules name, directly or through other groups, each with a policy that does.</summary>
    private static Dictionary<SecurityGroupDocument, QualifiedName> GroupsInUse(DocumentSet documents)
    {
        var users = new Dictionary<SecurityGroupDocument, QualifiedName>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(QualifiedName Group, QualifiedName User)>();
        foreach (var policy in documents.OfType<PolicyDocument>())
        {
            var effective = policy with { Rules = policy.Rules.Where(r => r.Mode != RuleMode.Disabled).ToValueList() };
            foreach (var reference in References.Of(effective).Where(r => effective.Rules.Count > 0 && r.Kind == Kind.SecurityGroup))
            {
                open.Push((reference.Name, policy.QualifiedName));
            }
        }

        while (open.TryPop(out var next))
        {
            if (documents.Find<SecurityGroupDocument>(Kind.SecurityGroup, next.Group) is { } group && users.TryAdd(group, next.User))
            {
                foreach (var inner in References.GroupsIn(group))
                {
                    open.Push((inner.Name, next.User));
                }
            }
        }

        return users;
    }
}
