using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Lab;
using Osc.Lab.RabbitMq;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Store;
using Osc.Store.Revisions;

namespace Osc.Benchmarks.Clients;

/// <summary>A grant as a client asks for it (docs/access.md); without tenants it holds in all.</summary>
internal sealed record ClientGrant(string Role, params string[] Tenants);

/// <summary>osc-controller and its broker as processes, with their usual settings, and the administrator who furnishes them.</summary>
internal sealed class ServedController : IDisposable
{
    private const string StoreName = "osc.db";
    private const string Secret = "of-this-benchmark-alone";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly RabbitMqBroker broker;
    private readonly Process process;
    private readonly StreamWriter log;
    private readonly Uri server = new($"http://127.0.0.1:{FreePort()}/");

    private ServedController(LabSpace space, RabbitMqBroker broker)
    {
        this.broker = broker;
        Store = Path.Combine(space.DirectoryPath, StoreName);
        var configuration = Path.Combine(space.DirectoryPath, "controller.json");
        File.WriteAllText(configuration, JsonSerializer.Serialize(new
        {
            listen = server.ToString().TrimEnd('/'),
            store = Store,
            broker = new { url = broker.Uri.ToString() },
            log = new { level = "warning" },
            tokens = new[] { new { name = "admin", role = "admin", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret))) } },
        }));
        log = File.CreateText(Path.Combine(space.DirectoryPath, "controller.log"));
        process = space.Start(Path.Combine(PolicySet.Repository, "bin", "osc-controller"), ["--config", configuration]);
        process.StandardInput.Close();
        process.OutputDataReceived += Say;
        process.ErrorDataReceived += Say;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Admin = ClientOf(Secret);
    }

    public int ProcessId => process.Id;

    public int BrokerProcessId => broker.ProcessId;

    public Uri Broker => broker.Uri;

    /// <summary>The store's file.</summary>
    public string Store { get; }

    public HttpClient Admin { get; }

    /// <summary>Puts documents into the store and starts a controller and a broker with it; returns when the API answers.</summary>
    public static async Task<ServedController> StartAsync(LabSpace space, IEnumerable<Document> documents)
    {
        Fill(Path.Combine(space.DirectoryPath, StoreName), documents);
        var controller = new ServedController(space, await RabbitMqBroker.StartAsync(space, "broker"));
        var waited = Stopwatch.StartNew();
        while (!await controller.IsReadyAsync())
        {
            if (controller.process.HasExited || waited.Elapsed > Patience)
            {
                throw new LabException("osc-controller did not start");
            }

            // A process that starts tells nobody on this side.
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        return controller;
    }

    /// <summary>A client with a token of its own.</summary>
    public async Task<HttpClient> AdmitAsync(string name, params ClientGrant[] grants)
    {
        var asked = new
        {
            name,
            grants = grants.Select(g => g.Tenants.Length == 0 ? (object)new { role = g.Role } : new { role = g.Role, tenants = g.Tenants }),
        };
        using var answer = await Admin.PostAsJsonAsync("api/v1/auth/tokens", asked);
        await DemandAsync(answer);
        return ClientOf((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString() ?? throw new LabException("a token without a secret"));
    }

    /// <summary>One with a secret that nobody knows.</summary>
    public HttpClient Stranger() => ClientOf("nobody");

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        log.Dispose();
        Admin.Dispose();
    }

    private static void Fill(string path, IEnumerable<Document> documents)
    {
        using var store = PolicyStore.Open(path, TimeProvider.System);
        foreach (var some in documents.Chunk(ServedSite.DocumentsInCommit))
        {
            store.Commit(new()
            {
                Base = store.Current,
                Origin = new("bench"),
                Changes = [.. some.Select(d => DocumentWrite.Put(d.Key, DocumentPrinter.ToJson(d), DocumentHash.Of(d)))],
            });
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Admin.GetAsync("readyz");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private HttpClient ClientOf(string secret)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = server, Timeout = Patience };
        http.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        return http;
    }

    /// <summary>What the controller says goes where it can be read while it runs.</summary>
    private void Say(object sender, DataReceivedEventArgs line)
    {
        lock (log)
        {
            log.WriteLine(line.Data);
        }
    }

    private static async Task DemandAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new LabException($"{answer.RequestMessage?.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port; // a bound socket has one
    }
}
