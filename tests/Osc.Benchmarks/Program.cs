using System.Globalization;
using Osc.Benchmarks;
using Osc.Benchmarks.Audit;
using Osc.Benchmarks.Clients;
using Osc.Benchmarks.Delivery;
using Osc.Benchmarks.Engine;
using Osc.Benchmarks.Peers;
using Osc.Benchmarks.Revocation;
using Osc.Benchmarks.Throughput;
using Osc.Benchmarks.Traffic;

// osc-bench [NAME...]: the named measurements, by default all of them.
// osc-bench peers [small|medium|FILE...]: Osc and OVN side by side, on those workloads or small and medium; OVN must be there (scripts/setup-peers).
// osc-bench workload FILE...: the flows that workloads in neutral JSON (ports, groups, rules) come to.
if (args is ["workload", .. var files])
{
    return FlowCounts.Run(files);
}

if (args is ["peers", .. var workloads])
{
    return await PeersBenchmark.RunAsync(workloads);
}

// osc-bench audit [SIZE [DIRECTORY]]: an audit log of that many records; in a directory it stays, and is gone on with by the next run.
if (args is ["audit", var size, .. var rest])
{
    return await AuditBenchmark.RunAsync(long.Parse(size, CultureInfo.InvariantCulture), rest is [var directory] ? directory : null);
}

// osc-bench clients[:SIZE[:MINUTES]]: a hundred clients at once, on the demo's size or on 100,000 interfaces.
if (args is [var clients] && ClientsBenchmark.Run(clients) is { } run)
{
    return await run;
}

var benchmarks = new Dictionary<string, Func<Task<int>>>
{
    ["openflow"] = OpenFlowBenchmark.RunAsync,
    ["store"] = StoreBenchmark.RunAsync,
    ["audit"] = () => AuditBenchmark.RunAsync(AuditBenchmark.UsualSize),
    ["programs"] = ProcessBenchmark.RunAsync,
    ["state"] = StateBenchmark.RunAsync,
    ["engine"] = EngineBenchmark.RunAsync,
    ["verify"] = VerifyBenchmark.RunAsync,
    ["verify:changes"] = () => Task.FromResult(VerifiedChanges.Run()),
    ["revocation"] = RevocationBenchmark.RunAsync,
    ["explain"] = ExplainBenchmark.RunAsync,
    ["commit"] = CommitBenchmark.RunAsync,
    ["clients"] = ClientsBenchmark.RunAsync,
    ["throughput"] = ThroughputBenchmark.RunAsync,
    ["counting"] = CountingBenchmark.RunAsync,
};
var wanted = args.Length > 0 ? args : [.. benchmarks.Keys];
if (wanted is [var only] && EngineBenchmark.Parts.TryGetValue(only, out var part))
{
    return part();
}

if (wanted is [var one] && CommitBenchmark.Parts.TryGetValue(one, out var commit))
{
    return await commit();
}

foreach (var name in wanted.Where(n => !benchmarks.ContainsKey(n)))
{
    Console.Error.WriteLine($"no measurement is called '{name}'; there are: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

// One that falls short does not keep the others from being measured.
var code = 0;
foreach (var name in wanted)
{
    code = Math.Max(code, await benchmarks[name]());
}

return code;
