using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Osc.Bus.InMemory;
using Osc.Controller.Configuration;
using Osc.Controller.Hosting;
using Osc.Controller.Names;
using Osc.Fuzz.Engine;
using Osc.Store;

namespace Osc.Fuzz.Targets;

/// <summary>
/// Requests to a whole controller on loopback: a line with method and path, header lines, an empty line, a body. Whatever is asked, the answer
/// is one that the API knows, an error is a problem document, and the controller goes on.
/// </summary>
internal static class RestTargets
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Lazy<HttpClient> Client = new(Start);

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "rest", Seeds = Requests, Run = Ask, UsesThreads = true, AllocationFloor = 24 * 1024 * 1024, AllocationPerByte = 32 * 1024 },
    ];

    private static IEnumerable<byte[]> Requests()
    {
        string[] questions =
        [
            "documents?kind=Policy&tenant=shop&selector=app%3Dweb&limit=5", "documents?cursor=c2hvcA", "shop/policies", "shop/policies/shop-app", "shop/policies/shop-app/blame", "hosts", "hosts/h1", "rollouts", "rollouts/1",
            "revisions?limit=3", "revisions/1/documents?kind=Host", "revisions/1/diff?with=1", "alarms?state=active&kind=host-lost&severity=error&host=h1", "proposals?state=open", "proposals/1",
            "traffic/rules?tenant=shop&neverHit=true&policy=shop-app&rule=web", "traffic/connections?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&source=10.0.0.0/8&destination=10.0.0.1", "traffic/talkers?by=source", "traffic/drops?host=h1",
            "audit?actor=osc&from=2026-01-01T00:00:00Z&limit=2&text=shop&order=asc", "audit?action=document.create&outcome=ok&address=127.0.0.1&request=r&revision=1", "audit/counts?by=actor", "audit/tail?tenant=shop",
            "audit/checkpoint", "audit/keys", "audit/archives", "audit/proofs/consistency?from=1&to=2", "audit/proofs/inclusion?sequence=1&size=2", "audit/peaks?size=2",
            "auth/whoami", "auth/can-i?access=write&tenant=shop&kind=Policy&name=shop-app", "auth/tokens",
        ];
        const string Explain = """{"from":"shop/web-1","to":"shop/web-2","service":"tcp/443"}""";
        var document = File.ReadAllText(Repository.Policies("shop.yaml").First()).Split("---\n").First(d => d.Contains("kind: Policy", StringComparison.Ordinal) || d.Contains("kind:", StringComparison.Ordinal));
        return questions.Select(q => $"GET /api/v1/{q}\naccept: application/json\n\n")
            .Append($"POST /api/v1/explain\ncontent-type: application/json\n\n{Explain}")
            .Append("POST /api/v1/explain?at=1&all=true\ncontent-type: application/json\n\n{\"from\":\"10.0.0.1\",\"to\":\"shop/web-1/eth0\",\"service\":\"icmp/8\"}")
            .Append("POST /api/v1/reach\ncontent-type: application/json\n\n{\"from\":\"shop/web\",\"to\":\"10.0.0.0/8\",\"vrf\":\"shop/default\"}")
            .Append("POST /api/v1/auth/tokens\ncontent-type: application/json\n\n{\"name\":\"t\",\"grants\":[{\"role\":\"viewer\",\"tenants\":[\"shop\"]}],\"expires\":\"2027-01-01T00:00:00Z\"}")
            .Append($"POST /api/v1/proposals?tenant=shop\ncontent-type: application/yaml\nx-osc-reason: why\n\n{document}")
            .Append("POST /api/v1/proposals/1/approve\n\n")
            .Append($"POST /api/v1/plan\ncontent-type: application/yaml\nx-osc-reason: why\n\n{document}")
            .Append($"POST /api/v1/apply?dryRun=true\ncontent-type: application/yaml\n\n{document}")
            .Append($"PUT /api/v1/shop/policies/shop-app\ncontent-type: application/yaml\nif-match: \"0123\"\n\n{document}")
            .Append("DELETE /api/v1/shop/policies/shop-app\nif-match: *\n\n")
            .Select(Encoding.UTF8.GetBytes);
    }

    private static HttpClient Start() => StartAsync().GetAwaiter().GetResult();

    private static async Task<HttpClient> StartAsync()
    {
        var folder = Scratch.NewFolder();
        var options = new ControllerOptions
        {
            Listen = new("http://127.0.0.1:0"),
            Development = true,
            Names = NameSettings.Default with { Resolve = false },
            LogLevel = LogLevel.None,
        };
        var store = PolicyStore.Open(Path.Combine(folder, "osc.db"), TimeProvider.System);
        var app = ControllerApp.Build(options, store, static _ => new InMemoryBus(), TimeProvider.System);
        await app.StartAsync();
        var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8 }) { BaseAddress = new(app.Urls.Single()), Timeout = Patience };
        foreach (var file in Repository.Policies("*.yaml").Where(f => f.Contains("three-tier", StringComparison.Ordinal)).Take(1).Select(f => Path.GetDirectoryName(f) ?? ""))
        {
            var documents = string.Join("\n---\n", Directory.EnumerateFiles(file, "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText));
            using var body = new StringContent(documents, Encoding.UTF8, "application/yaml");
            using var applied = await client.PostAsync("/api/v1/apply", body);
            Oracle.Holds(applied.IsSuccessStatusCode, "the policies of the repository are taken");
        }

        return client;
    }

    private static string Ask(byte[] input)
    {
        using var request = Parse(input);
        return request is null ? "no request" : AskAsync(request).GetAwaiter().GetResult();
    }

    private static async Task<string> AskAsync(HttpRequestMessage request)
    {
        using var response = await Client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType;

        // A stream of events goes on for as long as its reader stays.
        var text = type == "text/event-stream" ? "" : await response.Content.ReadAsStringAsync().WaitAsync(Patience);
        Oracle.Holds(status < 500, $"no answer is a {status}");
        if (type is "application/json" or "application/problem+json" && request.Method != HttpMethod.Head)
        {
            JsonDocument.Parse(text).Dispose();
        }

        Oracle.Holds(status < 400 || text.Length == 0 || type == "application/problem+json", "an error is a problem document");
        return $"{request.Method} {status} {type} {(status < 400 ? "" : Shape.Of(text))}";
    }

    /// <returns>null for what is no request that a client could send.</returns>
    private static HttpRequestMessage? Parse(byte[] input)
    {
        var (head, body) = input.AsSpan().IndexOf("\n\n"u8) is >= 0 and var end ? (input[..end], input[(end + 2)..]) : (input, []);
        var lines = Shape.Text(head).Split('\n');
        if (lines[0].Split(' ', 2) is not [var method, var path] || !path.StartsWith('/') || path.Any(c => c is <= ' ' or > '~') || !Uri.TryCreate(new Uri("http://localhost"), path, out var uri) || uri.Host != "localhost"
            || method.Length == 0 || !method.All(char.IsAsciiLetterUpper) || method is "CONNECT" or "TRACE")
        {
            return null;
        }

        var request = new HttpRequestMessage(new(method), new Uri(Client.Value.BaseAddress ?? uri, uri.PathAndQuery.Insert(1, uri.PathAndQuery.StartsWith("//", StringComparison.Ordinal) ? "./" : "")));
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
        }

        foreach (var line in lines.Skip(1).Where(l => l.Contains(':', StringComparison.Ordinal)))
        {
            var (name, value) = (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..].Trim());
            if (name is not ("host" or "connection" or "transfer-encoding" or "content-length" or "expect" or "upgrade" or "te") && value.All(c => c is >= ' ' and not '\x7f') && IsToken(name) && !request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    private static bool IsToken(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
