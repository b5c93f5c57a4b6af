using Microsoft.Net.Http.Headers;
using Osc.Controller.Api.Problems;
using Osc.Policy.Documents;

namespace Osc.Controller.Api.Requests;

/// <summary>A body of documents: a YAML stream, or JSON (one document, or an array of them).</summary>
public static class DocumentBody
{
    public const string Yaml = "application/yaml";

    public const string Json = "application/json";

    /// <summary>What errors call the body, where a file would have its name.</summary>
    public const string Name = "body";

    private static readonly string[] YamlTypes = [Yaml, "application/x-yaml", "text/yaml"];

    /// <returns>What was read, or why nothing could be.</returns>
    public static async Task<(ReadResult? Read, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !(IsYaml(type) || type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)))
        {
            return (null, Problem.Of(StatusCodes.Status415UnsupportedMediaType, $"send the header: Content-Type: {Yaml}, or {Json}"));
        }

        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(cancellation);
        if (text.Length == 0)
        {
            return (null, Problem.Of(StatusCodes.Status400BadRequest, "the body is empty; it should hold at least one document"));
        }

        var read = IsYaml(type) ? DocumentReader.ReadYaml(text, Name) : DocumentReader.ReadJson(text, Name);
        return read.Errors.Count > 0 ? (null, Problem.Invalid(read.Errors)) : (read, null);
    }

    /// <summary>Whether the client would rather have YAML than JSON.</summary>
    public static bool PrefersYaml(HttpRequest request)
    {
        var accepted = MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var list) ? list.OrderByDescending(t => t.Quality ?? 1).ToList() : [];
        var yaml = accepted.FindIndex(IsYaml);
        var json = accepted.FindIndex(t => t.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) || t.MatchesAllTypes);
        return yaml >= 0 && (json < 0 || yaml < json);
    }

    private static bool IsYaml(MediaTypeHeaderValue type) => YamlTypes.Any(t => type.MediaType.Equals(t, StringComparison.OrdinalIgnoreCase));
}
