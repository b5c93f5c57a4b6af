using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Validation;

namespace Osc.Controller.Names;

/// <summary>The names that groups have, and what is known of each. Without clock and without I/O: for one thread.</summary>
internal sealed class NameTable(NameSettings settings)
{
    private readonly Dictionary<string, KnownName> names = [];

    /// <summary>Takes up names that groups of a state have, with what its documents say of them, and forgets those that no group has.</summary>
    public void Follow(State state, DateTimeOffset now)
    {
        var used = NamesIn(state.Documents).ToHashSet();
        foreach (var gone in names.Keys.Where(n => !used.Contains(n)).ToArray())
        {
            names.Remove(gone);
        }

        foreach (var name in used.Where(n => !names.ContainsKey(n)))
        {
            var document = state.Documents.Find(DnsNameDocument.KeyOf(name)) as DnsNameDocument;
            names.Add(name, new(settings, document?.Addresses, now));
        }
    }

    /// <summary>Names to ask for now, in the order in which they became due; they count as asked for.</summary>
    /// <param name="atMost">How many.</param>
    public IReadOnlyList<string> TakeDue(DateTimeOffset now, int atMost)
    {
        var due = names.Where(n => !n.Value.IsAsking && n.Value.Due <= now).OrderBy(n => n.Value.Due).ThenBy(n => n.Key, StringComparer.Ordinal).Take(atMost).ToArray();
        foreach (var (_, name) in due)
        {
            name.IsAsking = true;
        }

        return [.. due.Select(d => d.Key)];
    }

    /// <summary>When the next name is to be asked for; null if none is, or all are being asked for.</summary>
    public DateTimeOffset? NextDue => names.Values.Where(n => !n.IsAsking).Select(n => (DateTimeOffset?)n.Due).Min();

    /// <summary>Takes an answer in. One for a name that no group has any more is let go.</summary>
    public void Take(string fqdn, NameAnswer answer, DateTimeOffset now)
    {
        if (names.TryGetValue(fqdn, out var name))
        {
            name.Take(answer, now);
        }
    }

    /// <summary>What makes a state's documents say what is known: a document for each name that was answered for, none for a name that no group has.</summary>
    public (IReadOnlyList<Document> Put, IReadOnlyList<DocumentKey> Delete) ChangeOf(DocumentSet documents)
    {
        var known = names.Where(n => n.Value.IsKnown).OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => new DnsNameDocument(n.Key, n.Value.Addresses));
        var put = known.Where(d => documents.Find(d.Key) is not DnsNameDocument there || there.Fqdn != d.Fqdn || !there.Addresses.Equals(d.Addresses));
        var unused = DnsNamesIn(documents).Where(d => !DnsNames.IsWildcard(d.Fqdn) && !names.ContainsKey(d.Fqdn));
        return ([.. put], [.. unused.Select(d => d.Key)]);
    }

    private static IEnumerable<string> NamesIn(DocumentSet documents) => documents.OfType<SecurityGroupDocument>()
        .SelectMany(g => g.Members.Concat(g.Except)).OfType<FqdnClause>().Select(c => c.Fqdn).Where(n => !DnsNames.IsWildcard(n));

    private static IEnumerable<DnsNameDocument> DnsNamesIn(DocumentSet documents) => documents.OfType<DnsNameDocument>();
}
