using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osc.Lab;

/// <summary>
/// A controller of this build, bin/osc-controller or bin/osc-standalone, as a process of its own, spoken to with bin/osc and over REST.
/// </summary>
public sealed class Orchestrator : IAsyncDisposable
{
    private const string StoreName = "osc.db";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private static readonly string Programs = Path.Combine(PolicySet.Repository, "bin");

    private readonly string program;
    private readonly Process process;
    private readonly Task log;
    private readonly HttpClient http;

    private Orchestrator(string program, Process process, string logFile, Uri server, string token)
    {
        this.program = program;
        this.process = process;
        LogFile = logFile;
        Server = server;
        Token = token;
        log = KeepLogAsync();
        http = new() { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    public Uri Server { get; }

    /// <summary>The secret of the token "lab", an administrator.</summary>
    public string Token { get; }

    public string LogFile { get; }

    public string StorePath => Path.Combine(Path.GetDirectoryName(LogFile)!, StoreName); // it is in a directory

    /// <param name="program">osc-controller or osc-standalone.</param>
    /// <param name="own">What its configuration says besides where it listens, where its store is and who may ask: broker or agents.</param>
    /// <exception cref="LabException">It is not built, or ended before it was ready; with the end of its log.</exception>
    public static async Task<Orchestrator> StartAsync(string program, LabSpace space, JsonObject own, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(Programs, program)) || !File.Exists(Path.Combine(Programs, "osc")))
        {
            throw new LabException($"osc or {program} is missing in {Programs}: make build");
        }

        var server = new Uri($"http://127.0.0.1:{FreePort()}");
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, program)).FullName;
        var configuration = Path.Combine(directory, "configuration.json");
        await File.WriteAllTextAsync(configuration, Configuration(own, server, token, directory), cancellation);
        var process = space.Start(Path.Combine(Programs, program), ["--config", configuration]);
        var orchestrator = new Orchestrator(program, process, Path.Combine(directory, $"{program}.log"), server, token);
        try
        {
            await orchestrator.ReadyAsync(cancellation);
            return orchestrator;
        }
        catch
        {
            await orchestrator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts documents into force with osc apply; returns the revision that the change became.</summary>
    /// <param name="path">A file or a directory of documents.</param>
    /// <param name="reason">For the audit log.</param>
    /// <exception cref="LabException">They were refused; with the reasons.</exception>
    public async Task<long> ApplyAsync(string path, string reason, CancellationToken cancellation)
    {
        var answer = await OscAsync(["apply", "-f", path, "--reason", reason, "--output", "json"], cancellation);
        return JsonElement.Parse(answer).GetProperty("revision").GetInt64();
    }

    /// <summary>Runs osc against this server.</summary>
    /// <returns>What it printed.</returns>
    public Task<string> OscAsync(IEnumerable<string> arguments, CancellationToken cancellation) => Command.RunAsync(
        Path.Combine(Programs, "osc"),
        arguments,
        environment: new Dictionary<string, string> { ["OSC_SERVER"] = Server.ToString(), ["OSC_TOKEN"] = Token },
        cancellation: cancellation);

    /// <summary>Waits until every affected host has acknowledged a revision.</summary>
    /// <exception cref="LabException">A host refused it, or did not answer in time.</exception>
    public async Task WaitForRolloutAsync(long revision, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var rollout = await GetAsync($"api/v1/rollouts/{revision}", cancellation);
            if (rollout.GetProperty("acked").GetInt32() == rollout.GetProperty("total").GetInt32())
            {
                return;
            }

            var refused = rollout.GetProperty("hosts").EnumerateArray().Any(h => h.GetProperty("state").GetString() == "refused");
            if (refused || waited.Elapsed > Patience)
            {
                throw new LabException($"revision {revision} did not reach every host: {rollout}");
            }

            await Task.Delay(PollEvery, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        await log;
        http.Dispose();
        process.Dispose();
    }

    /// <summary>Asks the API.</summary>
    /// <param name="path">From the server's root on: "api/v1/hosts".</param>
    /// <exception cref="LabException">It does not answer, or refuses.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await http.GetFromJsonAsync<JsonElement>(path, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new LabException($"{program} does not answer as it should: {e.Message}{(process.HasExited ? $" (it ended with code {process.ExitCode})" : "")}", e);
        }
    }

    private static string Configuration(JsonObject own, Uri server, string token, string directory)
    {
        var all = JsonSerializer.SerializeToNode(new
        {
            listen = server.ToString().TrimEnd('/'),
            store = Path.Combine(directory, StoreName),
            tokens = new[] { new { name = "lab", role = "admin", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))) } },
        })!.AsObject(); // an object is no null
        foreach (var (key, value) in own)
        {
            all.Add(key, value?.DeepClone());
        }

        return all.ToJsonString();
    }

    private async Task ReadyAsync(CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (!await IsReadyAsync(cancellation))
        {
            if (process.HasExited || waited.Elapsed > Patience)
            {
                var last = File.Exists(LogFile) ? (await File.ReadAllLinesAsync(LogFile, cancellation)).TakeLast(10) : [];
                throw new LabException($"{program} did not become ready{(process.HasExited ? $" (it ended with code {process.ExitCode})" : "")}: {string.Join('\n', last)}");
            }

            await Task.Delay(PollEvery, cancellation);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync("readyz", cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Everything that the process says goes to its log file.</summary>
    private async Task KeepLogAsync()
    {
        await using var file = new FileStream(LogFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        await using var writer = TextWriter.Synchronized(new StreamWriter(file) { AutoFlush = true });
        await Task.WhenAll(CopyAsync(process.StandardOutput, writer), CopyAsync(process.StandardError, writer));
    }

    private static async Task CopyAsync(StreamReader reader, TextWriter writer)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            await writer.WriteLineAsync(line);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port; // a bound socket has one
    }
}
