using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Osc.Flows;
using Osc.Lab;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Reconcile;

namespace Osc.Benchmarks;

/// <summary>
/// Programs an empty bridge of one real switch with the same flows, in turns by our client and by
/// <c>ovs-ofctl --bundle add-flows</c>:
/// <list type="bullet">
/// <item>ours: the flows are in memory, as they are in an agent; connection, hello, dump, comparison, bundle and barrier;</item>
/// <item>parsing: what reading the same flows from their text takes us, told apart because an agent does it once;</item>
/// <item>ovs-ofctl with its start: the process from its start to its end;</item>
/// <item>ovs-ofctl without: from the moment when it has taken the last of the text from its standard input. It parses as it
/// reads, and connects when it has read everything; at most the pipe's last 64 KB remain to be parsed.</item>
/// </list>
/// </summary>
internal static class OpenFlowBenchmark
{
    private static readonly PortName Bridge = PortName.Parse("br0");

    private static readonly (int Flows, int Runs)[] Sizes = [(10_000, 9), (100_000, 5)];

    public static async Task<int> RunAsync()
    {
        await using var space = await LabSpace.ClaimAsync("bench");
        var instance = await SwitchInstance.StartAsync(space, "sw");
        await instance.AddBridgeAsync(Bridge);
        Console.WriteLine($"OpenFlow programming, Open vSwitch {await instance.VersionAsync()}, userspace datapath, {Environment.ProcessorCount} cores; medians, milliseconds");
        Console.WriteLine($"{"",8} {"",5} {"",8} | {"ovs-ofctl",16} | {"ovs-ofctl",16} |  {"ours besides",28} | {"peak RSS, MB",19}");
        Console.WriteLine($"{"flows",8} {"runs",5} {"ours",8} | {"without",8} {"ratio",7} | {"with start",8} {"ratio",5} | {"parsing",9} {"no-op",9} {"1 % delta",9} | {"vswitchd",9} {"own",9}");
        var results = new List<Result>();
        foreach (var (flows, runs) in Sizes)
        {
            var result = await MeasureAsync(instance, flows, runs);
            results.Add(result);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{flows,8} {runs,5} {result.Ours,8:0} | {result.Ofctl,8:0} {result.Ours / result.Ofctl,7:0.00} | {result.OfctlWhole,10:0} {result.Ours / result.OfctlWhole,5:0.00} | {result.Parsing,9:0} {result.NoOp,9:0} {result.Delta,9:0} | {result.SwitchPeakMegabytes,9:0} {result.OwnPeakMegabytes,9:0}"));
        }

        Console.WriteLine();
        Console.WriteLine(ToJson(results));
        var isSlower = results.Any(r => r.Ours > r.Ofctl);
        Console.WriteLine(isSlower ? "ovs-ofctl was faster in at least one case" : "our client was at least as fast in every case");
        return isSlower ? 1 : 0;
    }

    private static async Task<Result> MeasureAsync(SwitchInstance instance, int count, int runs)
    {
        var flows = PipelineFlows.Of(count);
        var lines = flows.Select(f => f.ToString()).ToArray();
        var text = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        var (ours, parsing, ofctl, ofctlWhole, noOp, delta) = (new Times(), new Times(), new Times(), new Times(), new Times(), new Times());
        for (var run = 0; run < runs; run++)
        {
            await ClearAsync(instance);
            var clock = Stopwatch.StartNew();
            var parsed = FlowSet.Of(lines.Select(FlowTextParser.Parse));
            parsing.Add(clock.Elapsed);
            await using (var client = new SwitchClient(SwitchSockets.In(instance.RunDirectory)))
            {
                ours.Add(await TimeAsync(() => client.ReconcileAsync(Bridge, parsed, PortBinding.Empty, CancellationToken.None), o => o.Added == count));
                noOp.Add(await TimeAsync(() => client.ReconcileAsync(Bridge, parsed, PortBinding.Empty, CancellationToken.None), o => o.FoundRight));
                var few = parsed.Where((_, i) => i % 100 == 0).ToValueList();
                var change = new BridgeDelta(Bridge, few, few.Select(f => f with { Cookie = f.Cookie ^ 1 }).ToValueList());
                delta.Add(await TimeAsync(() => client.ApplyAsync(change, CancellationToken.None), o => o.Modified == few.Count));
            }

            await ClearAsync(instance);
            var (whole, without) = await OfctlAsync(instance, text, count);
            ofctlWhole.Add(whole);
            ofctl.Add(without);
        }

        return new(count, runs, ours.Median, parsing.Median, ofctl.Median, ofctlWhole.Median, noOp.Median, delta.Median,
            PeakMegabytes(instance.DaemonProcessId!.Value), PeakMegabytes(Environment.ProcessId)); // It runs: it has just answered.
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task<ReconcileOutcome>> call, Func<ReconcileOutcome, bool> isExpected)
    {
        var clock = Stopwatch.StartNew();
        var outcome = await call();
        var time = clock.Elapsed;
        return outcome.IsApplied && isExpected(outcome) ? time : throw new InvalidOperationException($"the switch did something else: {outcome}");
    }

    private static async Task<(TimeSpan Whole, TimeSpan Without)> OfctlAsync(SwitchInstance instance, byte[] text, int count)
    {
        var clock = Stopwatch.StartNew();
        using var process = Command.Start("ovs-ofctl", ["-O", "OpenFlow14", "--bundle", "add-flows", $"unix:{instance.ManagementSocket(Bridge)}", "-"]);
        await process.StandardInput.BaseStream.WriteAsync(text);
        process.StandardInput.Close();
        var read = clock.Elapsed;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var whole = clock.Elapsed;
        var has = await instance.OfctlAsync("dump-aggregate", Bridge.Value);
        return process.ExitCode == 0 && has.Contains(string.Create(CultureInfo.InvariantCulture, $"flow_count={count}"), StringComparison.Ordinal)
            ? (whole, whole - read)
            : throw new InvalidOperationException($"ovs-ofctl did something else: {error} {has}");
    }

    private static Task ClearAsync(SwitchInstance instance) => instance.OfctlAsync("del-flows", Bridge.Value);

    private static double PeakMegabytes(int process) => double.Parse(
        File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    private static string ToJson(IEnumerable<Result> results)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("benchmark", "openflow");
            json.WriteStartArray("results");
            foreach (var result in results)
            {
                result.Write(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Times of one thing, in milliseconds.</summary>
    private sealed class Times
    {
        private readonly List<double> times = [];

        public double Median => times.Order().ElementAt(times.Count / 2);

        public void Add(TimeSpan time) => times.Add(time.TotalMilliseconds);
    }

    private sealed record Result(
        int Flows, int Runs, double Ours, double Parsing, double Ofctl, double OfctlWhole, double NoOp, double Delta, double SwitchPeakMegabytes, double OwnPeakMegabytes)
    {
        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteNumber("flows", Flows);
            json.WriteNumber("runs", Runs);
            json.WriteNumber("oursMilliseconds", Math.Round(Ours, 1));
            json.WriteNumber("parsingMilliseconds", Math.Round(Parsing, 1));
            json.WriteNumber("ofctlMilliseconds", Math.Round(Ofctl, 1));
            json.WriteNumber("ofctlWholeMilliseconds", Math.Round(OfctlWhole, 1));
            json.WriteNumber("ratioWithoutStart", Math.Round(Ours / Ofctl, 3));
            json.WriteNumber("ratioWithStart", Math.Round(Ours / OfctlWhole, 3));
            json.WriteNumber("noOpReconcileMilliseconds", Math.Round(NoOp, 1));
            json.WriteNumber("deltaOfOnePercentMilliseconds", Math.Round(Delta, 1));
            json.WriteNumber("switchPeakMegabytes", Math.Round(SwitchPeakMegabytes));
            json.WriteNumber("ownPeakMegabytes", Math.Round(OwnPeakMegabytes));
            json.WriteEndObject();
        }
    }
}
