using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Lab;

namespace Osc.Demo;

/// <summary>
/// bin/osc-standalone as a process of its own, with an agent for each host of a lab, spoken to with bin/osc.
/// </summary>
internal sealed class Orchestrator : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private readonly string programs;
    private readonly Process process;
    private readonly Task log;
    private readonly HttpClient http;

    private Orchestrator(string programs, Process process, string logFile, Uri server, string token)
    {
        this.programs = programs;
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

    /// <summary>The secret of the token "demo", an administrator.</summary>
    public string Token { get; }

    public string LogFile { get; }

    /// <param name="programs">The directory of osc and osc-standalone.</param>
    /// <exception cref="LabException">It is not built, or ended before it was ready; with the end of its log.</exception>
    public static async Task<Orchestrator> StartAsync(string programs, PolicyLab lab, CancellationToken cancellation)
    {
        var program = Path.Combine(programs, "osc-standalone");
        if (!File.Exists(program) || !File.Exists(Path.Combine(programs, "osc")))
        {
            throw new LabException($"osc or osc-standalone is missing in {programs}: make build");
        }

        var server = new Uri($"http://127.0.0.1:{FreePort()}");
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var directory = Directory.CreateDirectory(Path.Combine(lab.Space.DirectoryPath, "standalone")).FullName;
        var configuration = Path.Combine(directory, "standalone.json");
        await File.WriteAllTextAsync(configuration, Configuration(lab, server, token, directory), cancellation);
        var process = lab.Space.Start(program, ["--config", configuration]);
        var orchestrator = new Orchestrator(programs, process, Path.Combine(directory, "standalone.log"), server, token);
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
        Path.Combine(programs, "osc"),
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
            var rollout = await AskAsync(() => http.GetFromJsonAsync<JsonElement>($"api/v1/rollouts/{revision}", cancellation));
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

    private static string Configuration(PolicyLab lab, Uri server, string token, string directory) => JsonSerializer.Serialize(new
    {
        listen = server.ToString().TrimEnd('/'),
        store = Path.Combine(directory, "osc.db"),
        tokens = new[] { new { name = "demo", role = "admin", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))) } },
        agents = lab.Hosts.Select(h => new { host = h.Key.Value, ovs = new { database = h.Value.DatabaseSocket, runDirectory = h.Value.RunDirectory }, state = Path.Combine(directory, h.Key.Value) }),
    });

    private async Task<T> AskAsync<T>(Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (HttpRequestException e)
        {
            throw new LabException($"osc-standalone does not answer as it should: {e.Message}{(process.HasExited ? $" (it ended with code {process.ExitCode})" : "")}", e);
        }
    }

    private async Task ReadyAsync(CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (!await IsReadyAsync(cancellation))
        {
            if (process.HasExited || waited.Elapsed > Patience)
            {
                var last = File.Exists(LogFile) ? (await File.ReadAllLinesAsync(LogFile, cancellation)).TakeLast(10) : [];
                throw new LabException($"osc-standalone did not become ready{(process.HasExited ? $" (it ended with code {process.ExitCode})" : "")}: {string.Join('\n', last)}");
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
