using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Osc.Cli.Tests.Server;

/// <summary>What a request had in it.</summary>
internal sealed record SeenRequest(string Method, string PathAndQuery, string? Authorization, string? ContentType, string? Reason, string Body);

/// <summary>A small HTTP server on loopback that gives prepared answers and keeps what it was asked.</summary>
internal sealed class StubController : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(int Status, string Body)>> answers = new();
    private readonly Task loop;

    public StubController()
    {
        // A port that is free now may be taken a moment later: try others.
        for (var port = Random.Shared.Next(20_000, 60_000); ; port = Random.Shared.Next(20_000, 60_000))
        {
            try
            {
                listener.Prefixes.Clear();
                listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                listener.Start();
                Address = $"http://127.0.0.1:{port}";
                break;
            }
            catch (HttpListenerException) when (!listener.IsListening)
            {
                listener = new();
            }
        }

        loop = ServeAsync();
    }

    public string Address { get; }

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    /// <summary>Prepares an answer: the next one for the same request, or all further ones if it is the last.</summary>
    public StubController Answer(string request, string body, int status = 200)
    {
        answers.GetOrAdd(request, _ => new()).Enqueue((status, body));
        return this;
    }

    public Task<CliRun> RunAsync(string arguments, string input = "", bool isTerminal = false) =>
        CliRun.Of(arguments, input, new Dictionary<string, string> { ["OSC_SERVER"] = Address, ["OSC_TOKEN"] = "secret" }, isTerminal);

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await loop;
        listener.Close();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var request = context.Request;
            using var reader = new StreamReader(request.InputStream, Encoding.UTF8);
            Seen.Enqueue(new(request.HttpMethod, request.RawUrl ?? "", request.Headers["Authorization"], request.ContentType, request.Headers["Osc-Reason"], await reader.ReadToEndAsync()));
            var (status, body) = Find($"{request.HttpMethod} {request.RawUrl}");
            context.Response.StatusCode = status;
            await using var output = context.Response.OutputStream;
            await output.WriteAsync(Encoding.UTF8.GetBytes(body));
        }
    }

    private (int Status, string Body) Find(string request)
    {
        if (!answers.TryGetValue(request, out var queue))
        {
            return (404, $$"""{"title":"There is nothing here","status":404,"detail":"not prepared: {{request}}","errors":[]}""");
        }

        return queue.Count > 1 && queue.TryDequeue(out var next) ? next : queue.TryPeek(out var last) ? last : throw new InvalidOperationException("no answer");
    }
}
