using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Agent.Desired;
using Osc.Lab;
using Osc.Model;
using Osc.Policy.Documents;

namespace Osc.Benchmarks;

/// <summary>
/// The programs as processes: how long from their start until they say that they are ready, and how much memory they keep.
/// The agent on a real switch, with flows on its disk and without; the controller with an empty store and with a policy set;
/// osc explaining a file of connections.
/// </summary>
internal static class ProcessBenchmark
{
    private const int Runs = 7;
    private const int Connections = 200_000;
    private const string Secret = "of-this-benchmark-alone";
    private static readonly PortName Bridge = PortName.Parse("br0");
    private static readonly Name Host = Name.Parse("h1");
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);

    private static string Programs => Path.Combine(PolicySet.Repository, "bin");

    public static async Task<int> RunAsync()
    {
        await using var space = await LabSpace.ClaimAsync("bench");
        Console.WriteLine($"Programs, {Environment.ProcessorCount} cores; medians of {Runs} starts; memory is resident, in MB");
        await AgentAsync(space, 0);
        await AgentAsync(space, 10_000);
        await ControllerAsync(space);
        await ExplainAsync(space);
        return 0;
    }

    private static async Task AgentAsync(LabSpace space, int flows)
    {
        var instance = await SwitchInstance.StartAsync(space, string.Create(CultureInfo.InvariantCulture, $"sw{flows}"));
        await instance.AddBridgeAsync(Bridge);
        var state = Path.Combine(space.DirectoryPath, string.Create(CultureInfo.InvariantCulture, $"agent{flows}"));
        using (var store = DesiredStore.Open(state, out var error) ?? throw new LabException(error ?? "no state directory"))
        {
            var kept = flows == 0 ? null : store.Save(new(Host, new Revision(1), [new(Bridge, PipelineFlows.Of(flows))]));
            if (kept is not null)
            {
                throw new LabException(kept);
            }
        }

        var ready = new List<double>();
        var (settled, peak) = (0.0, 0.0);
        for (var run = 0; run < Runs; run++)
        {
            var clock = Stopwatch.StartNew();
            using var process = StartAgent(space, instance, state, out var notified);
            ready.Add(await ReadyAsync(notified, clock));
            if (run == Runs - 1)
            {
                // Memory is given back a while after the work; there is no event to wait for.
                await Task.Delay(Settling);
                (settled, peak) = (Memory(process, "VmRSS"), Memory(process, "VmHWM"));
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        var size = new FileInfo(Path.Combine(Programs, "osc-agent")).ResolveLinkTarget(true) is FileInfo target ? target.Length / 1e6 : 0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"osc-agent ({size:0.0} MB), {flows} flows on disk: first start {ready[0]:0} ms, later starts (flows are right) {Median(ready.Skip(1)):0} ms; memory {settled:0.0}, peak {peak:0.0}"));
    }

    private static Process StartAgent(LabSpace space, SwitchInstance instance, string state, out Socket notified)
    {
        var path = Path.Combine(space.DirectoryPath, "notify");
        File.Delete(path);
        notified = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notified.Bind(new UnixDomainSocketEndPoint(path));
        return Quiet(space.Start(
            Path.Combine(Programs, "osc-agent"),
            ["--host", Host.Value, "--broker", "amqp://127.0.0.1:1", "--ovs-run-directory", instance.RunDirectory, "--ovs-database", instance.DatabaseSocket, "--state-directory", state],
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path }));
    }

    private static async Task<double> ReadyAsync(Socket notified, Stopwatch clock)
    {
        using (notified)
        {
            var buffer = new byte[4096];
            while (true)
            {
                var count = await notified.ReceiveAsync(buffer);
                if (Encoding.UTF8.GetString(buffer, 0, count).Contains("READY=1", StringComparison.Ordinal))
                {
                    return clock.Elapsed.TotalMilliseconds;
                }
            }
        }
    }

    private static async Task ControllerAsync(LabSpace space)
    {
        var set = PolicySet.Read("three-tier-shop");
        var server = new Uri($"http://127.0.0.1:{FreePort()}");
        var configuration = Path.Combine(space.DirectoryPath, "controller.json");
        await File.WriteAllTextAsync(configuration, JsonSerializer.Serialize(new
        {
            listen = server.ToString().TrimEnd('/'),
            store = Path.Combine(space.DirectoryPath, "osc.db"),
            tokens = new[] { new { name = "bench", role = "admin", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret))) } },
        }));
        using var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Secret);
        var ready = new List<double>();
        var memory = 0.0;
        var apply = 0.0;
        for (var run = 0; run < Runs; run++)
        {
            var clock = Stopwatch.StartNew();
            using var process = Quiet(space.Start(Path.Combine(Programs, "osc-controller"), ["--config", configuration]));
            await AnsweringAsync(http);
            ready.Add(clock.Elapsed.TotalMilliseconds);
            if (run == 0)
            {
                clock.Restart();
                using var answer = await http.PostAsync("api/v1/apply", new StringContent(DocumentPrinter.ToYaml(set.State.Documents), new MediaTypeHeaderValue("application/yaml")));
                answer.EnsureSuccessStatusCode();
                apply = clock.Elapsed.TotalMilliseconds;
            }

            memory = Memory(process, "VmRSS");
            process.Kill();
            await process.WaitForExitAsync();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"osc-controller: start with an empty store {ready[0]:0} ms, with {set.Name} {Median(ready.Skip(1)):0} ms; first apply of {set.State.Documents.Count} documents {apply:0} ms; memory {memory:0.0}"));
    }

    private static async Task ExplainAsync(LabSpace space)
    {
        var set = PolicySet.Read("three-tier-shop");
        var addresses = set.State.Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (i.Vrf, Address: a))).Append((Vrf: set.State.Vrfs.First(), Address: IpAddress.Parse("203.0.113.9"))).ToArray();
        var random = new Random(1);
        var file = Path.Combine(space.DirectoryPath, "connections.ndjson");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, Connections).Select(_ =>
        {
            var (vrf, source) = addresses[random.Next(addresses.Length)];
            var destination = addresses.Where(a => a.Vrf == vrf && a.Address.Family == source.Family).Select(a => a.Address).ToArray();
            return JsonSerializer.Serialize(new
            {
                vrf = vrf.ToString(),
                source = source.ToString(),
                destination = destination[random.Next(destination.Length)].ToString(),
                protocol = "tcp",
                destinationPort = random.Next(65536),
            });
        }));
        var times = new List<double>();
        for (var run = 0; run < 3; run++)
        {
            var clock = Stopwatch.StartNew();
            using var process = Quiet(space.Start(Path.Combine(Programs, "osc"), ["explain", set.DirectoryPath, "--connections", file]));
            await process.WaitForExitAsync();
            times.Add(clock.Elapsed.TotalSeconds);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"osc explain --connections: {Connections / Median(times):0} connections/s, its start included"));
    }

    private static async Task AnsweringAsync(HttpClient http)
    {
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync("readyz");
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    private static Process Quiet(Process process)
    {
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>A field of /proc/PID/status, in MB.</summary>
    private static double Memory(Process process, string field) =>
        double.Parse(File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port; // a bound socket has one
    }
}
