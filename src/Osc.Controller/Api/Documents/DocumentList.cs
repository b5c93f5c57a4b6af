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
    public static (DocumentPage? Page, Problem? Problem) Read(IEnumerable<Document> documents, DocumentListQuery query, Confinement confinement)
    {
        if (!Page.TryRead(query.Limit, query.Cursor, out var page, out var problem))
        {
            return (null, problem);
        }

        Name tenant = default;
        if (query.Tenant is not null && !Name.TryParse(query.Tenant, out tenant))
        {
            return (null, Problem.BadParameter("tenant", $"'{query.Tenant}' is no name", Name.Allowed));
        }

        Kind kind = default;
        if (query.Kind is not null && !DocumentPath.TryKind(query.Kind, out kind))
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

        var found = documents
            .Where(d => confinement.Shows(d.Key))
            .Where(d => (query.Tenant is null || d.Metadata.Tenant == tenant) && (query.Kind is null || d.Kind == kind))
            .Where(d => selector is null || selector.Matches(d.Metadata.Labels))
            .SkipWhile(d => after is { } last && d.Key.CompareTo(last) <= 0)
            .Take(page.Limit + 1)
            .ToList();
        var next = found.Count > page.Limit ? Page.Encode(found[page.Limit - 1].Key.ToString()) : null;
        return (new([.. found.Take(page.Limit).Select(Json)], next), null);
    }

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
