using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>A request to the controller's REST API.</summary>
/// <param name="Path">Below /api/v1, with its query.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string? Content = null, string ContentType = ApiRequest.Json)
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }

    public static ApiRequest Get(string path) => new(HttpMethod.Get, path);

    public static ApiRequest Post(string path, JsonElement body) => new(HttpMethod.Post, path, JsonSerializer.Serialize(body, AnswerJson.Compact));

    public static ApiRequest PostYaml(string path, string yaml) => new(HttpMethod.Post, path, yaml, Yaml);
}

/// <summary>Speaks to the controller. What a server answers, or that it does not, is an <see cref="ApiAnswer"/>.</summary>
internal sealed class ApiClient
{
    /// <summary>A controller that does not answer in this time is out of reach.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient http;
    private readonly Uri server;

    public ApiClient(Uri server, string? token)
    {
        this.server = server;
        var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        http = new HttpClient(handler) { BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/api/v1/"), Timeout = Patience };
        http.DefaultRequestHeaders.Accept.Add(new(ApiRequest.Json));
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(request.Method, request.Path);
        if (request.Content is { } content)
        {
            message.Content = new StringContent(content, Encoding.UTF8, request.ContentType);
        }

        if (request.Reason is { } reason)
        {
            // A header is one line.
            message.Headers.TryAddWithoutValidation("Osc-Reason", reason.ReplaceLineEndings(" "));
        }

        try
        {
            using var response = await http.SendAsync(message, cancellation);
            return Read(response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
        }
        catch (HttpRequestException e)
        {
            return ApiAnswer.OutOfReach($"{server} is out of reach: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ApiAnswer.OutOfReach($"{server} did not answer in {Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds");
        }
    }

    /// <summary>Asks for something that is long, and is read while it comes.</summary>
    /// <param name="path">Below /api/v1, with its query.</param>
    /// <returns>What comes, the caller's to dispose, or why nothing does.</returns>
    public async Task<(Stream? Stream, ApiAnswer? Failure)> OpenAsync(string path, string accept, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new(accept) } } };
        try
        {
            var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.IsSuccessStatusCode
                ? (await response.Content.ReadAsStreamAsync(cancellation), null)
                : (null, Read(response.StatusCode, await response.Content.ReadAsStringAsync(cancellation)));
        }
        catch (HttpRequestException e)
        {
            return (null, ApiAnswer.OutOfReach($"{server} is out of reach: {e.Message}"));
        }
    }

    private ApiAnswer Read(HttpStatusCode status, string text)
    {
        JsonElement body;
        try
        {
            body = JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return ApiAnswer.OutOfReach($"what answers at {server} is no Osc controller: HTTP status {(int)status}");
        }

        if ((int)status is >= 200 and < 300)
        {
            return new(body, null, null);
        }

        var problem = body.ValueKind == JsonValueKind.Object ? body.Deserialize<Problem>(AnswerJson.Compact) : null;
        return status is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout || problem is null
            ? ApiAnswer.OutOfReach($"what answers at {server} is no Osc controller: HTTP status {(int)status}")
            : new(null, problem, null);
    }
}
