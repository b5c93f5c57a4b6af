namespace Osc.Controller.Api.Requests;

/// <summary>Entity tags (RFC 9110, section 8.8.3): a document's hash in quotes.</summary>
public static class EntityTag
{
    public static string Of(string hash) => $"\"{hash}\"";

    /// <summary>The hashes that a header If-Match or If-None-Match names, "*" as it is; null if there is no such header. Weak tags name nothing.</summary>
    public static IReadOnlyList<string>? Read(HttpRequest request, string header)
    {
        var values = request.Headers[header];
        return values.Count == 0 ? null
            : [.. values.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(Unquote)];
    }

    private static string Unquote(string tag) => tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"' ? tag[1..^1] : tag;
}
