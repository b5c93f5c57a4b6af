using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Lab;
using Osc.Lab.RabbitMq;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Benchmarks.Delivery;

/// <summary>How controller and agent are joined.</summary>
internal enum BusKind
{
    /// <summary>osc-standalone: one process, in-memory bus.</summary>
    InMemory,

    /// <summary>osc-controller, a broker, osc-agent.</summary>
    RabbitMq,
}

/// <summary>Osc as it runs in production, for one host: its programs as processes, the REST API to change things by.</summary>
internal sealed class OscSystem : IDisposable
{
    private const string Secret = "of-this-benchmark-alone";
    private const int DocumentsInRequest = 2_000;
    private const int ShownOfRefusal = 500;
    private static readonly Kind[] NamedFirst = [Kind.Tenant, Kind.Cloud, Kind.Host, Kind.Network, Kind.Workload, Kind.SecurityGroup, Kind.Service];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly LabSpace space;
    private readonly SwitchInstance instance;
    private readonly Name host;
    private readonly string directory;
    private readonly HttpClient http;
    private readonly Dictionary<string, int> processes = [];

    private OscSystem(LabSpace space, SwitchInstance instance, Name host, string name)
    {
        this.space = space;
        this.instance = instance;
        this.host = host;
        directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, name)).FullName;
        http = new() { BaseAddress = new($"http://127.0.0.1:{FreePort()}"), Timeout = Patience };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Secret);
    }

    /// <summary>The processes that take part, by program.</summary>
    public IReadOnlyDictionary<string, int> Processes => processes;

    /// <summary>Starts everything but, with a broker, the agent; returns when the API answers.</summary>
    /// <param name="name">Unique in the lab.</param>
    public static async Task<OscSystem> StartAsync(LabSpace space, string name, SwitchInstance instance, Name host, BusKind bus)
    {
        var system = new OscSystem(space, instance, host, name);
        if (bus == BusKind.RabbitMq)
        {
            var broker = await RabbitMqBroker.StartAsync(space, name);
            system.processes.Add("rabbitmq", broker.ProcessId);
            system.Broker = broker.Uri;
        }

        system.Configure();
        system.Start(bus == BusKind.InMemory ? "osc-standalone" : "osc-controller", "--config", system.ConfigurationFile);
        await UntilAsync(async () =>
        {
            using var answer = await system.http.GetAsync("readyz");
            return answer.IsSuccessStatusCode;
        });
        return system;
    }

    /// <summary>Starts the agent as a process of its own.</summary>
    public void StartAgent() => Start(
        "osc-agent",
        "--host", host.Value,
        "--broker", Broker?.ToString() ?? throw new InvalidOperationException("without a broker the agent runs inside osc-standalone"),
        "--ovs-run-directory", instance.RunDirectory,
        "--ovs-database", instance.DatabaseSocket,
        "--state-directory", Path.Combine(directory, "agent"));

    /// <summary>Many documents, some at a time, what others name before those.</summary>
    public async Task LoadAsync(IEnumerable<Document> documents)
    {
        foreach (var some in documents.OrderBy(d => Array.IndexOf(NamedFirst, d.Kind) is >= 0 and var place ? place : NamedFirst.Length).Chunk(DocumentsInRequest))
        {
            await ApplyAsync(some);
        }
    }

    /// <returns>The revision that the change made.</returns>
    public Task<long> ApplyAsync(params IEnumerable<Document> documents) => ApplyAsync(Body(documents));

    /// <param name="body">Documents as YAML.</param>
    public async Task<long> ApplyAsync(ReadOnlyMemory<byte> body)
    {
        using var content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new("application/yaml") } };
        return await RevisionAsync(await http.PostAsync("api/v1/apply", content));
    }

    public async Task<long> DeleteAsync(DocumentKey key) => await RevisionAsync(await http.DeleteAsync($"api/v1/{key.Tenant}/{key.Kind}/{key.Name}"));

    public static byte[] Body(IEnumerable<Document> documents) => Encoding.UTF8.GetBytes(DocumentPrinter.ToYaml(documents));

    /// <summary>Waits until the host has confirmed a revision, as the API tells it.</summary>
    public Task UntilConfirmedAsync(long revision) => UntilAsync(async () => (await HostAsync()).GetProperty("ackedRevision").GetInt64() >= revision);

    public Task UntilEnforcingAsync() => UntilAsync(async () => (await HostAsync()).GetProperty("state").GetString() == "enforcing");

    public async Task<int> FlowsAsync() => (await HostAsync()).GetProperty("flows").GetInt32();

    /// <summary>The smallest request there is: what the machine makes of any.</summary>
    public async Task GreetAsync()
    {
        using var answer = await http.GetAsync("healthz");
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => http.Dispose();

    private Uri? Broker { get; set; }

    private string ConfigurationFile => Path.Combine(directory, "controller.json");

    private async Task<JsonElement> HostAsync() => await http.GetFromJsonAsync<JsonElement>($"api/v1/hosts/{host}");

    private void Configure() => File.WriteAllText(ConfigurationFile, JsonSerializer.Serialize(new
    {
        listen = http.BaseAddress!.ToString().TrimEnd('/'), // the constructor set it
        store = Path.Combine(directory, "osc.db"),
        broker = Broker is { } uri ? new { url = uri.ToString() } : null,
        tokens = new[] { new { name = "bench", role = "admin", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret))) } },
        agents = Broker is null
            ? new[] { new { host = host.Value, ovs = new { runDirectory = instance.RunDirectory, database = instance.DatabaseSocket }, state = Path.Combine(directory, "agent") } }
            : null,
    }, new JsonSerializerOptions { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull }));

    private static async Task<long> RevisionAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode ? JsonElement.Parse(body).GetProperty("revision").GetInt64() : throw new LabException($"refused: {(int)response.StatusCode} {body[..Math.Min(body.Length, ShownOfRefusal)]}");
        }
    }

    /// <summary>Asks again and again, without a pause: what is waited for takes milliseconds.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException) when (waited.Elapsed < Patience)
            {
                // It does not listen yet.
                await Task.Delay(TimeSpan.FromMilliseconds(5));
            }

            if (waited.Elapsed > Patience)
            {
                throw new LabException($"not within {Patience.TotalSeconds} s");
            }
        }
    }

    private void Start(string program, params string[] arguments)
    {
        var process = space.Start(Path.Combine(PolicySet.Repository, "bin", program), arguments);
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        processes.Add(program, process.Id);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port; // a bound socket has one
    }
}
