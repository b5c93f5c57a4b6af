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
    /// <returns>An error for each wildcard that no DnsName document resolves in a group that a rule uses, in the order of files and lines.</returns>
    public static ValueList<DocumentError> Check(DocumentSet documents, DocumentSources? sources = null)
    {
        var findings = new Findings(documents, GlobalNames.Of(documents), sources ?? DocumentSources.None);
        foreach (var (group, user) in GroupsInUse(documents))
        {
            CheckNames(findings, group, user);
        }

        return findings.Errors();
    }

    /// <summary>Finds what changes brought, or brought into use. What was not enforced before them is not said again.</summary>
    /// <param name="before">What the changes start from.</param>
    /// <param name="changes">Changes, sound or not.</param>
    /// <param name="sources">Where changed documents were read from, so that errors have places.</param>
    public static ValueList<DocumentError> Check(State before, DocumentChanges changes, DocumentSources? sources = null)
    {
        var after = before.Indexes.With(changes);
        var findings = new Findings(after.Documents, after.Names, sources ?? DocumentSources.None);
        var unresolved = changes.Where(c => c.After is null && c.Key.Kind == Kind.DnsName).SelectMany(c => after.References.To(c.Key));
        var open = new Stack<DocumentKey>(changes.Where(c => c.Key.Kind is Kind.Policy or Kind.SecurityGroup).Select(c => c.Key).Concat(unresolved));
        var seen = new HashSet<DocumentKey>(open);
        while (open.TryPop(out var key))
        {
            var document = after.Documents.Find(key);
            if (document is SecurityGroupDocument group && HasWildcard(group) && UserOf(after, group) is { } user)
            {
                CheckNames(findings, group, user);
            }

            foreach (var inner in document is null ? [] : Targets.Of(document).Where(t => t.Kind == Kind.SecurityGroup && seen.Add(t)))
            {
                open.Push(inner);
            }
        }

        return findings.Errors();
    }

    private static bool HasWildcard(SecurityGroupDocument group) => group.Members.Concat(group.Except).Any(c => c is FqdnClause { Fqdn: var fqdn } && DnsNames.IsWildcard(fqdn));

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

    /// <summary>The groups that rules name, directly or through other groups, each with the first policy that does.</summary>
    private static Dictionary<SecurityGroupDocument, QualifiedName> GroupsInUse(DocumentSet documents)
    {
        var users = new Dictionary<SecurityGroupDocument, QualifiedName>(ReferenceEqualityComparer.Instance);
        foreach (var policy in documents.OfType<PolicyDocument>())
        {
            var open = new Stack<QualifiedName>(GroupsOf(policy));
            while (open.TryPop(out var next))
            {
                if (documents.Find<SecurityGroupDocument>(Kind.SecurityGroup, next) is { } group && users.TryAdd(group, policy.QualifiedName))
                {
                    foreach (var inner in References.GroupsIn(group))
                    {
                        open.Push(inner.Name);
                    }
                }
            }
        }

        return users;
    }

    /// <summary>The first policy with a rule that names a group, directly or through other groups; null if there is none.</summary>
    private static QualifiedName? UserOf(StateIndexes indexes, SecurityGroupDocument group)
    {
        QualifiedName? first = null;
        var open = new Stack<DocumentKey>([group.Key]);
        var seen = new HashSet<DocumentKey>(open);
        while (open.TryPop(out var inner))
        {
            foreach (var outer in indexes.References.To(inner))
            {
                if (outer.Kind == Kind.SecurityGroup && seen.Add(outer))
                {
                    open.Push(outer);
                }
                else if (indexes.Documents.Find(outer) is PolicyDocument policy && GroupsOf(policy).Contains(inner.QualifiedName) && (first is null || policy.QualifiedName.CompareTo(first.Value) < 0))
                {
                    first = policy.QualifiedName;
                }
            }
        }

        return first;
    }

    /// <summary>The groups that a policy needs: none if it has no rule that is not disabled.</summary>
    private static IEnumerable<QualifiedName> GroupsOf(PolicyDocument policy)
    {
        var effective = policy with { Rules = policy.Rules.Where(r => r.Mode != RuleMode.Disabled).ToValueList() };
        return effective.Rules.Count == 0 ? [] : References.Of(effective).Where(r => r.Kind == Kind.SecurityGroup).Select(r => r.Name);
    }
}
