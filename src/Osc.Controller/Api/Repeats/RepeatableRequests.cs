using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Store;
using Osc.Store.Access;

namespace Osc.Controller.Api.Repeats;

/// <summary>
/// Requests that a client may repeat without their being done twice: by a key in the header "Idempotency-Key", which names what the client wants done. What such a request
/// did, and what it was answered, become durable together. For a day the same key with the same request gets the same answer, also after a restart, and with
/// another request is refused. What was refused did nothing, and is judged anew.
/// </summary>
public sealed class RepeatableRequests(PolicyStore store, TimeProvider time) : IEndpointFilter
{
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>Says that an answer is one that was given before.</summary>
    public const string RepeatedHeader = "Osc-Repeated";

    private const int MaxKey = 200;

    /// <summary>Headers, beside the path and the body, that say what a request asks for.</summary>
    private static readonly string[] Meaning = ["Content-Type", "If-Match", "If-None-Match"];

    private readonly ConcurrentDictionary<(string Identity, string Key), bool> working = [];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!http.Request.Headers.TryGetValue(KeyHeader, out var values))
        {
            return await next(context);
        }

        if (values is not [{ Length: > 0 and <= MaxKey } key] || key.Any(c => c is < '!' or > '~'))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"the header {KeyHeader} is wrong", new ProblemError("", KeyHeader, "not a key", $"one, of 1 to {MaxKey} printable ASCII characters without spaces")).ToResult();
        }

        var identity = Caller.Of(http).Actor;
        if (!working.TryAdd((identity, key), true))
        {
            return Problem.Of(StatusCodes.Status409Conflict, "a request with this key is being worked on").ToResult();
        }

        try
        {
            var fingerprint = await FingerprintAsync(http);
            if (store.Access.FindAnswer(identity, key, time.GetUtcNow()) is { } answer)
            {
                return CryptographicOperations.FixedTimeEquals(answer.Fingerprint.Span, fingerprint)
                    ? new RepeatedResult(answer)
                    : Problem.Of(StatusCodes.Status422UnprocessableEntity, "this key was used for another request", new ProblemError("", KeyHeader, "used already", "a new key for each thing that shall be done")).ToResult();
            }

            http.Features.Set(new RepeatableRequest(identity, key, fingerprint));
            return await next(context);
        }
        finally
        {
            working.TryRemove((identity, key), out _);
        }
    }

    /// <summary>Reads the body, and leaves it to be read again.</summary>
    private static async Task<byte[]> FingerprintAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        body.Position = 0;
        http.Request.Body = body;
        var request = http.Request;
        var head = JsonSerializer.Serialize(
            [request.Method, request.Path.Value ?? "", request.QueryString.Value ?? "", .. Meaning.Select(h => request.Headers[h].ToString())], AnswerJson.Types.StringArray);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(head));
        hash.AppendData(body.ToArray());
        return hash.GetHashAndReset();
    }

    private sealed class RepeatedResult(StoredAnswer answer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = answer.Status;
            response.ContentType = DocumentBody.Json;
            foreach (var (name, value) in JsonSerializer.Deserialize(answer.Headers, AnswerJson.Types.DictionaryStringString) ?? [])
            {
                response.Headers[name] = value;
            }

            response.Headers[RepeatedHeader] = "true";
            return response.WriteAsync(answer.Body, httpContext.RequestAborted);
        }
    }
}

/// <summary>A request that has a key.</summary>
public sealed record RepeatableRequest(string Identity, string Key, ReadOnlyMemory<byte> Fingerprint)
{
    /// <summary>null: the request has no key.</summary>
    public static RepeatableRequest? Of(HttpContext context) => context.Features.Get<RepeatableRequest>();

    /// <param name="body">JSON.</param>
    public StoredAnswer Answered(int status, Dictionary<string, string> headers, string body) =>
        new(Identity, Key, Fingerprint, status, JsonSerializer.Serialize(headers, AnswerJson.Types.DictionaryStringString), body);
}

public static class Repeatability
{
    /// <summary>The endpoint takes keys, and keeps what it answers by <see cref="RepeatableRequest"/>.</summary>
    public static RouteHandlerBuilder IsRepeatable(this RouteHandlerBuilder endpoint) =>
        endpoint.AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<RepeatableRequests>().InvokeAsync(context, next));
}
