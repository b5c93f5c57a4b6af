using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>Bounds how many DNS names groups have in all, since each is asked for again and again. Wildcards do not count.</summary>
public static class NameBudget
{
    /// <param name="before">What the changes start from.</param>
    /// <param name="changes">Changes, sound or not.</param>
    /// <param name="most">How many names there may be.</param>
    /// <param name="sources">Where changed documents were read from, so that errors have places.</param>
    /// <returns>An error for each clause with a name that is new, where there are too many then.</returns>
    public static ValueList<DocumentError> Check(State before, DocumentChanges changes, int most, DocumentSources? sources = null)
    {
        var groups = changes.Select(c => c.After).OfType<SecurityGroupDocument>().ToArray();
        var isMore = groups.Any(g => NamesIn(g).Any(n => !before.ReferrersOf(DnsNameDocument.KeyOf(n.Fqdn)).Any()));
        if (!isMore)
        {
            return [];
        }

        var after = before.Documents.With(changes);
        var count = after.OfType<SecurityGroupDocument>().SelectMany(NamesIn).Select(n => n.Fqdn).Distinct().Count();
        var findings = new Findings(after, GlobalNames.Of(after), sources ?? DocumentSources.None);
        foreach (var group in count > most ? groups : [])
        {
            foreach (var (path, fqdn) in NamesIn(group).Where(n => !before.ReferrersOf(DnsNameDocument.KeyOf(n.Fqdn)).Any()))
            {
                findings.Add(group, path, $"with '{fqdn}' groups have {count} DNS names in all", $"at most {most} (names.maxNames)");
            }
        }

        return findings.Errors();
    }

    private static IEnumerable<(string Path, string Fqdn)> NamesIn(SecurityGroupDocument document) =>
        from list in new[] { (Field: "members", Clauses: document.Members), (Field: "except", Clauses: document.Except) }
        from clause in list.Clauses.Index()
        let fqdn = (clause.Item as FqdnClause)?.Fqdn
        where fqdn is not null && !DnsNames.IsWildcard(fqdn)
        select ($"spec.{list.Field}[{clause.Index}].fqdn", fqdn);
}
