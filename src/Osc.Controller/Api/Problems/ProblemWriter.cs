using Microsoft.AspNetCore.Diagnostics;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Store;

namespace Osc.Controller.Api.Problems;

/// <summary>Gives every response that says an error the same form, also those that ASP.NET makes.</summary>
public static class ProblemWriter
{
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = WriteExceptionAsync, SuppressDiagnosticsCallback = context => StatusOf(context.Exception) < 500 });
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext, Problem.Of(context.HttpContext.Response.StatusCode, Explain(context.HttpContext))));
    }

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        return context.Response.WriteAsJsonAsync(problem with { RequestId = context.TraceIdentifier }, AnswerJson.Types.Problem, Problem.ContentType, context.RequestAborted);
    }

    private static Task WriteExceptionAsync(HttpContext context)
    {
        var exception = context.Features.Get<IExceptionHandlerFeature>()?.Error ?? throw new InvalidOperationException("called without an exception to answer");
        var status = StatusOf(exception);

        // What a bug says is for the log, not for the client. What the store says is what to do.
        return WriteAsync(context, Problem.Of(status, status < 500 || exception is StoreException ? exception.Message : null));
    }

    private static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        StoreException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static string? Explain(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => "send the header: Authorization: Bearer TOKEN",
        StatusCodes.Status403Forbidden when context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is { } rule && Caller.IdentityOf(context) is { } caller =>
            $"this needs {rule.Access.ToString().ToLowerInvariant()} access{TextOf(rule.Extent)}; '{caller.ActorName}' is {(caller.Permissions.Grants.Count == 0 ? "granted nothing" : string.Join(", ", caller.Permissions.Grants))}",
        StatusCodes.Status404NotFound => $"no such path: {context.Request.Path}",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed; allowed: {context.Response.Headers.Allow}",
        StatusCodes.Status415UnsupportedMediaType => "send the header: Content-Type: application/json",
        _ => null,
    };

    private static string TextOf(Extent extent) => extent switch
    {
        Extent.Everything => " to everything",
        Extent.Path => " to what the path names",
        _ => "",
    };
}
