using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Osc.Benchmarks.Clients;

/// <summary>A request as a client sends it.</summary>
/// <param name="Kind">What it is counted as.</param>
/// <param name="Path">From the server on.</param>
/// <param name="Refusals">Statuses by which it may be refused, as docs/api.md has it, where the client does nothing wrong or means to; 429 may always come.</param>
internal sealed record Request(string Kind, HttpMethod Method, string Path, params int[] Refusals)
{
    /// <summary>Whether it changes something, or asks what a change would do.</summary>
    public RequestClass Class { get; init; }

    public string? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static Request Get(string kind, string path, params int[] refusals) => new(kind, HttpMethod.Get, path, refusals);

    public static Request Ask(string kind, string path, string body, params int[] refusals) => new(kind, HttpMethod.Post, path, refusals) { Body = body };

    public static Request Write(string kind, HttpMethod method, string path, string? body, params int[] refusals) =>
        new(kind, method, path, refusals) { Body = body, Class = RequestClass.Write };

    public Request With(string header, string value) => this with { Headers = new Dictionary<string, string>(Headers) { [header] = value } };
}

/// <summary>What came back; <see cref="IsDone"/> false: it was refused, or failed.</summary>
internal sealed record Answer(bool IsDone, HttpStatusCode Status, string Body, string? Tag, bool IsRepeated)
{
    public JsonElement Json => JsonElement.Parse(Body);
}

/// <summary>
/// One client: an identity, a connection, one request after the other. Tells what is done from what is refused as documented and from what is a failure, and
/// demands of every answer that it is no older than the client's own last change.
/// </summary>
internal sealed class Client(string name, HttpClient http, int seed)
{
    private const int ShownOfBody = 400;

    private long written;

    public string Name => name;

    public Random Random { get; } = new(seed);

    /// <summary>Where requests are counted now.</summary>
    public Tally Tally { get; set; } = new();

    /// <summary>The newest revision that an answer was about.</summary>
    public long Seen { get; private set; }

    /// <summary>Documents that the client was told are changed.</summary>
    public long ChangedDocuments { get; private set; }

    /// <summary>For requests that are read while they come.</summary>
    public HttpClient Http => http;

    public async Task<Answer> SendAsync(Request request, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var message = MessageOf(request);
            // What was sent is waited for also when time is up: a change that is made counts.
            using var response = await http.SendAsync(message, CancellationToken.None);
            var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
            Tally.Answered(request.Kind, request.Class, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            return await JudgeAsync(request, response, body, stop);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Tally.Failed($"{name}, {request.Kind}, {request.Path}: {e.Message}");
            return new(false, 0, "", null, false);
        }
    }

    public T Any<T>(IReadOnlyList<T> items) => items[Random.Next(items.Count)];

    private async Task<Answer> JudgeAsync(Request request, HttpResponseMessage response, string body, CancellationToken stop)
    {
        var status = response.StatusCode;
        var done = response.IsSuccessStatusCode || status == HttpStatusCode.NotModified;
        var answer = new Answer(done, status, body, response.Headers.ETag?.Tag, response.Headers.Contains("Osc-Repeated"));
        if (done)
        {
            Follow(request, response, answer);
            return answer;
        }

        if (status == HttpStatusCode.TooManyRequests && response.Headers.RetryAfter?.Delta is { } wait)
        {
            Tally.Refused($"429 {request.Kind}");
            await Task.Delay(wait, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        else if (request.Refusals.Contains((int)status) && response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            Tally.Refused($"{(int)status} {request.Kind}");
        }
        else
        {
            Tally.Failed($"{name}, {request.Kind}, {request.Path}: {(int)status} {body[..Math.Min(body.Length, ShownOfBody)]}");
        }

        return answer;
    }

    /// <summary>Counts what was changed, and checks that what is read is not older than that.</summary>
    private void Follow(Request request, HttpResponseMessage response, Answer answer)
    {
        var revision = response.Headers.TryGetValues("Osc-Revision", out var values) ? long.Parse(values.First(), CultureInfo.InvariantCulture) : (long?)null;
        Seen = Math.Max(Seen, revision ?? 0);
        if (revision < written && !answer.IsRepeated && !request.Path.Contains("at=", StringComparison.Ordinal))
        {
            Tally.Failed($"{name}, {request.Kind}, {request.Path}: an answer of revision {revision} after a change that made {written}");
        }

        if (request.Class == RequestClass.Write && !answer.IsRepeated && revision is not null && answer.Body.StartsWith("{\"revision\"", StringComparison.Ordinal))
        {
            var json = answer.Json;
            var changed = json.GetProperty("dryRun").GetBoolean() ? 0 : json.GetProperty("changes").EnumerateArray().Count(c => c.GetProperty("change").GetString() != "unchanged");
            ChangedDocuments += changed;
            written = changed > 0 ? revision.Value : written;
        }
    }

    private static HttpRequestMessage MessageOf(Request request)
    {
        var message = new HttpRequestMessage(request.Method, request.Path);
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(request.Body)) { Headers = { ContentType = new MediaTypeHeaderValue(request.ContentType) } };
        }

        foreach (var (header, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(header, value);
        }

        return message;
    }
}
