using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Osc.Lab;
using Osc.Lab.RabbitMq;
using Osc.Model;
using Osc.Policy;

namespace Osc.Integration.WholeSystem;

/// <summary>Everything as it is in production, each in a process of its own: controller, RabbitMQ, an agent for each host, real switches.</summary>
internal sealed partial class RunningSystem : IAsyncDisposable
{
    private const string Secret = "of-this-test-alone";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient http;
    private readonly Dictionary<Name, Process> agents = [];
    private readonly string controllerConfiguration;
    private readonly string[] agentOptions;
    private Process? controller;
    private long answered;

    private RunningSystem(PolicyLab lab, RabbitMqBroker broker, Uri server, string[] agentOptions)
    {
        this.agentOptions = agentOptions;
        Lab = lab;
        Broker = broker;
        http = new() { BaseAddress = server, Timeout = Patience };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Secret);
        controllerConfiguration = Path.Combine(lab.Space.DirectoryPath, "controller.json");
        File.WriteAllText(controllerConfiguration, JsonSerializer.Serialize(new
        {
            listen = server.ToString().TrimEnd('/'),
            store = Path.Combine(lab.Space.DirectoryPath, "osc.db"),
            broker = new { url = broker.Uri.ToString() },
            tokens = new[] { new { name = "test", role = "admin", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret))) } },
        }));
    }

    public PolicyLab Lab { get; }

    public RabbitMqBroker Broker { get; }

    /// <param name="agentOptions">For every agent, besides those that it cannot do without.</param>
    public static async Task<RunningSystem> StartAsync(State state, params string[] agentOptions)
    {
        var lab = await PolicyLab.BuildAsync("system", state);
        try
        {
            var broker = await RabbitMqBroker.StartAsync(lab.Space, "system");
            var system = new RunningSystem(lab, broker, new($"http://127.0.0.1:{FreePort()}"), agentOptions);
            await system.StartControllerAsync();
            foreach (var host in lab.Hosts.Keys)
            {
                system.StartAgent(host);
            }

            return system;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the controller; returns when it is ready.</summary>
    public async Task StartControllerAsync()
    {
        controller = Start("osc-controller", "--config", controllerConfiguration);
        await UntilAsync("the controller is ready", async () =>
        {
            using var answer = await http.GetAsync("readyz");
            return answer.IsSuccessStatusCode;
        });
    }

    public Task KillControllerAsync() => KillAsync(controller ?? throw new InvalidOperationException("no controller runs"));

    public void StartAgent(Name host)
    {
        var ovs = Lab.Hosts[host];
        agents[host] = Start(
            "osc-agent",
            [
                "--host", host.Value,
                "--broker", Broker.Uri.ToString(),
                "--ovs-run-directory", ovs.RunDirectory,
                "--ovs-database", ovs.DatabaseSocket,
                "--state-directory", Directory.CreateDirectory(Path.Combine(Lab.Space.DirectoryPath, "agents", host.Value)).FullName,
                .. agentOptions,
            ]);
    }

    public Task KillAgentAsync(Name host) => KillAsync(agents[host]);

    /// <summary>Applies documents.</summary>
    /// <returns>The revision; null where the controller went away before it answered.</returns>
    /// <exception cref="LabException">They were refused.</exception>
    public async Task<long?> TryApplyAsync(string yaml)
    {
        try
        {
            using var answer = await http.PostAsync("api/v1/apply", new StringContent(yaml, new MediaTypeHeaderValue("application/yaml")));
            var body = await answer.Content.ReadAsStringAsync();
            answered = answer.IsSuccessStatusCode ? JsonElement.Parse(body).GetProperty("revision").GetInt64() : throw new LabException($"refused: {(int)answer.StatusCode} {body}");
            return answered;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Asks the API.</summary>
    /// <param name="path">Without "api/v1/".</param>
    public Task<JsonElement> GetAsync(string path) => http.GetFromJsonAsync<JsonElement>("api/v1/" + path);

    /// <summary>Waits until every host has confirmed what it shall have: of the last revision that was answered too, which a host's state may not show yet.</summary>
    public Task UntilEnforcingAsync() => UntilAsync("all hosts enforce", async () =>
    {
        using var rollout = await http.GetAsync($"api/v1/rollouts/{answered}");
        if (rollout.IsSuccessStatusCode && JsonElement.Parse(await rollout.Content.ReadAsStringAsync()).GetProperty("finished").ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        var hosts = await http.GetFromJsonAsync<JsonElement>("api/v1/hosts");
        var items = hosts.ValueKind == JsonValueKind.Array ? hosts : hosts.GetProperty("items");
        return items.EnumerateArray().All(h => h.GetProperty("state").GetString() == "enforcing");
    });

    /// <summary>All audit records of an action, oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> AuditAsync(string action)
    {
        var page = await http.GetFromJsonAsync<JsonElement>($"api/v1/audit?action={action}&order=asc&limit=1000");
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    /// <summary>What is said to be looked at on a host.</summary>
    public async Task<IReadOnlyList<string>> WarningsAsync(Name host) =>
        [.. (await http.GetFromJsonAsync<JsonElement>($"api/v1/hosts/{host}")).GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!)]; // texts, says the API

    /// <summary>What the switches have, a line each in order of text, without the epoch and the connections that are looked at again in it: where an epoch begins is chance.</summary>
    public async Task<string> FlowsAsync()
    {
        var text = new StringBuilder();
        foreach (var (host, instance) in Lab.Hosts.OrderBy(h => h.Key))
        {
            var dump = await instance.OfctlAsync("--no-stats", "--names", "dump-flows", "br-int");
            var flows = EpochMatch().Replace(EpochWrite().Replace(dump, "set_field:EPOCH->ct_mark"), "ct_mark=EPOCH").Split('\n').Where(l => !Revisit().IsMatch(l)).Order(StringComparer.Ordinal);
            text.Append(host).AppendJoin('\n', flows).Append('\n');
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Lab.DisposeAsync();
    }

    /// <summary>Waits until something holds, and throws if it does not come to hold.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
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
                // The controller is not there yet.
            }

            if (waited.Elapsed > Patience)
            {
                throw new LabException($"not within {Patience.TotalSeconds} s: {what}");
            }

            await Task.Delay(PollEvery);
        }
    }

    private Process Start(string program, params string[] arguments)
    {
        var process = Lab.Space.Start(ProgramRun.PathOf(program), arguments);
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task KillAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>A port that nobody listened at a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port; // a bound socket has one
    }

    [GeneratedRegex("table=3,.*ct_label=")]
    private static partial Regex Revisit();

    [GeneratedRegex("ct_mark=0x[0-9a-f]+")]
    private static partial Regex EpochMatch();

    [GeneratedRegex("set_field:0x[0-9a-f]+->ct_mark")]
    private static partial Regex EpochWrite();
}
