using System.Text.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Controller.Api.Documents;

/// <summary>A page of documents, in the order tenant, kind, name.</summary>
/// <param name="Items">Documents as canonical JSON.</param>
/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record DocumentPage(IReadOnlyList<JsonElement> Items, string? Next);

/// <summary>The parameters of a list of documents, as they come.</summary>
public sealed record DocumentListQuery(string? Tenant, string? Kind, string? Selector, string? Limit, string? Cursor);

/// <summary>Filters, orders and cuts documents into pages.</summary>
public static class DocumentList
{
    public static (DocumentPage? Page, Problem? Problem) Read(DocumentSet documents, DocumentListQuery query, Confinement confinement)
    {
        if (!Page.TryRead(query.Limit, query.Cursor, out var page, out var problem))
        {
            return (null, problem);
        }

        if (query.Tenant is not null && !Name.TryParse(query.Tenant, out _))
        {
            return (null, Problem.BadParameter("tenant", $"'{query.Tenant}' is no name", Name.Allowed));
        }

        if (KindOf(query) is null && query.Kind is not null)
        {
            return (null, Problem.BadParameter("kind", $"there is no kind '{query.Kind}'", DocumentPath.AllowedKinds));
        }

        Selector? selector = null;
        if (query.Selector is not null && !Selector.TryParse(query.Selector, out selector, out var error))
        {
            return (null, Problem.BadParameter("selector", error, Selector.Allowed));
        }

        DocumentKey? after = null;
        if (page.After is not null && (after = KeyOf(page.After)) is null)
        {
            return (null, Problem.BadParameter("cursor", "it is not one that this list gave as 'next'"));
        }

        var found = Candidates(documents, query, confinement, after)
            .Where(d => confinement.Shows(d.Key))
            .Where(d => selector is null || selector.Matches(d.Metadata.Labels))
            .Take(page.Limit + 1)
            .ToList();
        var next = found.Count > page.Limit ? Page.Encode(found[page.Limit - 1].Key.ToString()) : null;
        return (new([.. found.Take(page.Limit).Select(Json)], next), null);
    }

    /// <summary>
    /// The documents after a place that can be asked for. Where tenants are named, only theirs are looked at, however many others there are.
    /// </summary>
    private static IEnumerable<Document> Candidates(DocumentSet documents, DocumentListQuery query, Confinement confinement, DocumentKey? after)
    {
        var kind = KindOf(query);
        var tenants = query.Tenant is { } tenant ? [Name.Parse(tenant)] : confinement.NamedTenants;
        return tenants is null
            ? From(default).Where(d => kind is null || d.Kind == kind)
            : tenants.SelectMany(t => From(new(t, kind ?? default, default)).TakeWhile(d => d.Metadata.Tenant == t && (kind is null || d.Kind == kind)));

        IEnumerable<Document> From(DocumentKey start) =>
            after is { } last && last.CompareTo(start) >= 0 ? documents.From(last).Where(d => d.Key != last) : documents.From(start);
    }

    private static Kind? KindOf(DocumentListQuery query) => DocumentPath.TryKind(query.Kind ?? "", out var kind) ? kind : null;

    private static JsonElement Json(Document document)
    {
        using var parsed = JsonDocument.Parse(DocumentPrinter.ToJson(document));
        return parsed.RootElement.Clone();
    }

    private static DocumentKey? KeyOf(string text) =>
        text.Split('/') is [var tenant, var kind, var name] && Name.TryParse(tenant, out var t) && DocumentPath.TryKind(kind, out var k) && Name.TryParse(name, out var n)
            ? new DocumentKey(t, k, n)
            : null;
}
