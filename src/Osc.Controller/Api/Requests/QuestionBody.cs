using System.Text.Json;
using Osc.Controller.Api.Problems;

namespace Osc.Controller.Api.Requests;

/// <summary>Reads a question from a body: one JSON object.</summary>
public static class QuestionBody
{
    /// <param name="read">Throws <see cref="JsonException"/> for a text that is no such question.</param>
    public static async Task<(T? Question, Problem? Problem)> ReadAsync<T>(HttpRequest request, Func<string, T> read, CancellationToken cancellation)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, Problem.Of(StatusCodes.Status415UnsupportedMediaType, $"send the header: Content-Type: {DocumentBody.Json}"));
        }

        using var reader = new StreamReader(request.Body);
        try
        {
            return (read(await reader.ReadToEndAsync(cancellation)), null);
        }
        catch (JsonException e)
        {
            var error = new ProblemError("", e.Path?.TrimStart('$', '.') ?? "", e.Message.Split(" Path: ")[0], "") { Line = (int?)e.LineNumber + 1, Column = (int?)e.BytePositionInLine + 1 };
            return (null, Problem.Of(StatusCodes.Status400BadRequest, "the body is no question", error));
        }
    }
}
