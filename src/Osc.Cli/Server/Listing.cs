using System.Text.Json;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>Reads lists page by page.</summary>
internal static class Listing
{
    private const int PageSize = 1_000;

    /// <param name="path">Without limit and cursor.</param>
    /// <param name="limit">How many items at most; null is all.</param>
    /// <returns>All pages as one: {items, next}, where next is there if the limit cut something off.</returns>
    public static async Task<ApiAnswer> ReadAllAsync(ApiClient client, QueryPath path, int? limit, CancellationToken cancellation)
    {
        var items = new List<JsonElement>();
        string? next = null;
        do
        {
            var wanted = Math.Min(limit - items.Count ?? PageSize, PageSize);
            var answer = await client.SendAsync(ApiRequest.Get(path.With("limit", wanted.ToString(System.Globalization.CultureInfo.InvariantCulture)).With("cursor", next).ToString()), cancellation);
            if (answer.Body is null)
            {
                return answer;
            }

            var page = answer.Read<Page>();
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null && (limit is null || items.Count < limit));
        return new(AnswerJson.Of(new Page(items, next)), null, null);
    }
}

/// <summary>A path and its query.</summary>
internal sealed record QueryPath(string Path, string Query = "")
{
    /// <summary>The same with one parameter more, if it has a value.</summary>
    public QueryPath With(string name, string? value) =>
        value is null ? this : this with { Query = $"{Query}{(Query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}" };

    public override string ToString() => Path + Query;
}
