using System.Diagnostics;
using System.Globalization;
using Osc.Lab;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;

namespace Osc.Benchmarks.Revocation;

/// <summary>
/// 50,000 open connections that carry traffic through one real switch, and a change that revokes 1 % of them: what the other
/// 99 % lose where all are decided anew, and where only those are that the change can concern.
/// </summary>
internal static class RevocationBenchmark
{
    private const int Connections = 50_000;
    private const int Opening = 4_000; // a second
    private const ushort Port = 9000;
    private const ushort RevokedPort = 9001;
    private static readonly int[] PerSecond = [5_000, 10_000];

    public static async Task<int> RunAsync()
    {
        var (before, after) = (StateOf(1, true), StateOf(2, false));
        var host = before.Hosts.Single().Metadata.Name;
        await using var lab = await PolicyLab.BuildAsync("bench", before);
        var outside = lab.Routers.Values.Single();
        await outside.IpAsync($"route add local {OpenConnections.Sources} dev lo");
        using var connections = new OpenConnections(outside, lab.Stations.Single(), Connections, i => IsRevoked(i) ? RevokedPort : Port);
        var (start, some) = Compile(before, after, host);
        var all = HostCompiler.Compile(after, host, some.Numbering with { Epoch = start.Numbering.Epoch.Next() });
        var version = await lab.Hosts[host].VersionAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{connections.Count} open connections from as many addresses, each sends and is answered; a change revokes 1 % of them. Open vSwitch {version}, userspace datapath"));
        Console.WriteLine($"{"requests a second",17}  {"change",-22}  {"permitted lost",14}  {"in the round after",18}  {"revoked passed then",19}  {"bundle, ms",10}");
        foreach (var perSecond in PerSecond)
        {
            foreach (var (name, to) in new[] { ("none", start), ("all decided anew", all), ("those it may concern", some) })
            {
                await lab.InstallAsync(start.Flows);
                await connections.RunAsync(Opening, 2);
                var change = Task.Run(() => ChangeAsync(lab, to));
                var during = await connections.RunAsync(perSecond, 2);
                var took = await change;
                var then = await connections.RunAsync(perSecond, 1);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{perSecond,17}  {name,-22}  {during.Lost(i => !IsRevoked(i)),14}  {then.Lost(i => !IsRevoked(i)),18}  {then.Passed(IsRevoked),19}  {took.TotalMilliseconds,10:0}"));
            }
        }

        return 0;
    }

    /// <summary>In the middle of the first round.</summary>
    private static async Task<TimeSpan> ChangeAsync(PolicyLab lab, CompiledHost to)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
        var clock = Stopwatch.StartNew();
        await lab.InstallAsync(to.Flows);
        return clock.Elapsed;
    }

    private static (CompiledHost Before, CompiledHost After) Compile(State before, State after, Name host)
    {
        var engine = PolicyEngine.Of(before);
        engine.Follow(host, HostNumbering.Empty);
        var start = new CompiledHost(engine.FlowsOf(host), engine.NumberingOf(host));
        engine.Apply(after, DocumentChanges.Between(before.Documents, after.Documents));
        engine.Accept();
        return (start, new(engine.FlowsOf(host), engine.NumberingOf(host)));
    }

    private static bool IsRevoked(int connection) => connection % 100 == 0;

    private static State StateOf(int revision, bool isExtraAllowed)
    {
        var text = new System.Text.StringBuilder("""
            { apiVersion: osc/v1, kind: Tenant, metadata: { name: shop }, spec: {} }
            ---
            { apiVersion: osc/v1, kind: Host, metadata: { name: h1 }, spec: { bridges: [ { name: br0, uplinks: [ up0 ] } ] } }
            ---
            { apiVersion: osc/v1, kind: Cloud, metadata: { name: lab }, spec: { type: xen } }
            ---
            { apiVersion: osc/v1, kind: Network, metadata: { name: front, tenant: shop }, spec: { subnets: [ 10.9.0.0/16 ] } }
            ---
            { apiVersion: osc/v1, kind: SecurityGroup, metadata: { name: servers, tenant: shop }, spec: { members: [ { selector: "app = server" } ] } }

            """);
        text.Append(CultureInfo.InvariantCulture, $$"""
            ---
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: shop, tenant: shop }
            spec:
              tier: application
              order: 100
              rules:
                - { name: main, to: [ servers ], services: [ udp/9000 ], action: allow }
                - { name: extra, to: [ servers ], services: [ udp/9001 ], action: allow, mode: {{(isExtraAllowed ? "enforce" : "disabled")}} }

            """);
        text.Append("""
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: server, tenant: shop, labels: { app: server } }
            spec:
              cloud: lab
              interfaces:
                - { name: eth0, mac: "02:00:00:00:00:01", addresses: [ 10.9.0.1 ], network: front, attachment: { host: h1, port: v0 } }

            """);
        var read = DocumentReader.Read(text.ToString(), "revocation.yaml");
        var result = StateValidator.Validate(revision == 1 ? Revision.None.Next : Revision.None.Next.Next, read);
        return result.State ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }
}
