using System.Text.Json;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>What came of a request: a body, or a problem that the server has with it, or no server. Exactly one is there.</summary>
internal sealed record ApiAnswer(JsonElement? Body, Problem? Problem, string? Unreached)
{
    public static ApiAnswer OutOfReach(string why) => new(null, null, why);

    public T Read<T>() =>
        (Body ?? throw new InvalidOperationException("there is no body")).Deserialize<T>(AnswerJson.Strict) ?? throw new JsonException("the answer is null");
}

/// <summary>Problem details (RFC 9457) as the controller sends them.</summary>
internal sealed record Problem(string? Title = null, int Status = 0, string? Detail = null, IReadOnlyList<ProblemError>? Errors = null);

internal sealed record ProblemError(string? Document = null, string? Path = null, string? Message = null, string? Allowed = null)
{
    public override string ToString()
    {
        var subject = string.Join(' ', new[] { Document, Path }.Where(s => !string.IsNullOrEmpty(s)));
        return $"{(subject.Length > 0 ? subject + ": " : "")}{Message}{(string.IsNullOrEmpty(Allowed) ? "" : "; allowed: " + Allowed)}";
    }
}

internal static class ApiFailures
{
    /// <summary>Says why there is no body, and with which exit code.</summary>
    public static int Fail(this Shell shell, ApiAnswer answer) => answer.Problem is { } problem
        ? shell.Refuse([.. (problem.Errors ?? []).Select(e => e.ToString()), $"refused: {Reason(problem)}"])
        : shell.Fail(ExitCode.ServerOutOfReach, answer.Unreached ?? "the server is out of reach");

    private static string Reason(Problem problem) => problem.Status == 401
        ? "the server asks for a token that it knows: set OSC_TOKEN, or say --token-file FILE"
        : problem.Detail ?? problem.Title ?? $"HTTP status {problem.Status}";
}
