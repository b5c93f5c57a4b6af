using System.Text.Json.Serialization;
using Osc.Controller.Loop;
using Osc.Policy.Documents;

namespace Osc.Controller.Api.Problems;

/// <summary>Why a request was refused: problem details of RFC 9457, as application/problem+json.</summary>
public sealed record Problem
{
    public const string ContentType = "application/problem+json";

    /// <summary>Names the problem's type: "urn:osc:problem:NAME".</summary>
    public required string Type { get; init; }

    /// <summary>The type in words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong with this request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    /// <summary>Finds the request in logs and audit records.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>What is wrong, field by field.</summary>
    public IReadOnlyList<ProblemError> Errors { get; init; } = [];

    public static Problem Of(int status, string? detail = null, params IReadOnlyList<ProblemError> errors)
    {
        var (name, title) = status switch
        {
            StatusCodes.Status400BadRequest => ("bad-request", "The request is not well formed"),
            StatusCodes.Status401Unauthorized => ("unauthorized", "A valid token is needed"),
            StatusCodes.Status403Forbidden => ("forbidden", "This is not granted to the caller"),
            StatusCodes.Status404NotFound => ("not-found", "There is nothing here"),
            StatusCodes.Status405MethodNotAllowed => ("method-not-allowed", "This method is not for this path"),
            StatusCodes.Status406NotAcceptable => ("not-acceptable", "There is no such representation"),
            StatusCodes.Status409Conflict => ("conflict", "The request does not go together with what is there"),
            StatusCodes.Status412PreconditionFailed => ("precondition-failed", "The document is not as the request expects it"),
            StatusCodes.Status413PayloadTooLarge => ("too-large", "The body is too large"),
            StatusCodes.Status415UnsupportedMediaType => ("unsupported-media-type", "The body has a type that is not understood here"),
            StatusCodes.Status422UnprocessableEntity => ("invalid", "What was sent is refused; nothing was changed"),
            StatusCodes.Status429TooManyRequests => ("too-many-requests", "The caller asks too much at once"),
            StatusCodes.Status503ServiceUnavailable => ("unavailable", "The controller cannot do this now"),
            >= 500 => ("internal", "The controller failed; the log says why"),
            _ => ("refused", "The request is refused"),
        };
        return new() { Type = $"urn:osc:problem:{name}", Title = title, Status = status, Detail = detail, Errors = errors };
    }

    /// <summary>422: documents that are refused.</summary>
    public static Problem Invalid(IEnumerable<DocumentError> errors)
    {
        var list = errors.Select(ProblemError.Of).ToList();
        return Of(StatusCodes.Status422UnprocessableEntity, list.Count == 1 ? "1 error" : $"{list.Count} errors", list);
    }

    /// <summary>422: hosts that would get too many flows, each with the forecast.</summary>
    public static Problem OverBudget(IReadOnlyList<HostStep> hosts, int budget) => Of(
        StatusCodes.Status422UnprocessableEntity,
        $"{hosts.Count} {(hosts.Count == 1 ? "host" : "hosts")} would have more flows than a host may have",
        [.. hosts.Select(h => new ProblemError("", "", $"host {h.Host} would have {h.After.Flows} flows; it has {h.Before?.Flows ?? 0}", $"at most {budget} flows (maxFlowsPerHost)"))]);

    /// <summary>400: a parameter of the query.</summary>
    public static Problem BadParameter(string name, string message, string allowed = "") =>
        Of(StatusCodes.Status400BadRequest, $"the parameter '{name}' is wrong", new ProblemError("", name, message, allowed));

    public IResult ToResult() => new ProblemResult(this);

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => ProblemWriter.WriteAsync(httpContext, problem);
    }
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Document">"tenant/Kind/name"; empty where no document is meant.</param>
/// <param name="Path">The field, or the parameter.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Allowed">What is allowed there; empty where the message says it.</param>
public sealed record ProblemError(string Document, string Path, string Message, string Allowed)
{
    /// <summary>The line in the body, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Line { get; init; }

    /// <summary>The column in the line, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Column { get; init; }

    public static ProblemError Of(DocumentError error) =>
        new(error.Document, error.Path, error.Message, error.Allowed) { Line = error.Position?.Line, Column = error.Position?.Column };
}
