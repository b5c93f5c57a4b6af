using System.Diagnostics;
using System.Globalization;
using Osc.Lab;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;

namespace Osc.Benchmarks.Revocation;

/// <summary>
/// 50,000 open connections that carry traffic through one real switch, and a change that revokes 1 % of them: what the other
/// 99 % lose where all are decided anew, and where only those are that the change can concern.
/// </summary>
internal static class RevocationBenchmark
{
    private const int Connections = 50_000;
    private const ushort Port = 9000;
    private const ushort RevokedPort = 9001;

    public static async Task<int> RunAsync()
    {
        var (before, after) = (StateOf(1, true), StateOf(2, false));
        var host = before.Hosts.Single().Metadata.Name;
        await using var lab = await PolicyLab.BuildAsync("bench", before);
        var outside = lab.Routers.Values.Single();
        await outside.IpAsync($"route add local {OpenConnections.Sources} dev lo");
        using var connections = new OpenConnections(outside, lab.Stations.Single(), Connections, i => IsRevoked(i) ? RevokedPort : Port);
        Console.WriteLine($"{connections.Count} open connections");
        foreach (var perSecond in new[] { 10_000 })
        {
            var start = HostCompiler.Compile(before, host, HostNumbering.Empty);
            await lab.InstallAsync(start.Flows);
            var opening = connections.Run(4_000, 2);
            var quiet = connections.Run(perSecond, 2);
            var all = HostCompiler.Compile(after, host, start.Numbering with { Epoch = start.Numbering.Epoch + 1 });
            var narrow = HostCompiler.Update(after, host, start);
            foreach (var (name, compiled) in new[] { ("all anew", all), ("as compiled", narrow) })
            {
                await lab.InstallAsync(start.Flows);
                connections.Run(4_000, 2);
                var change = Task.Run(async () =>
                {
                    await Task.Delay(TimeSpan.FromSeconds(1));
                    var clock = Stopwatch.StartNew();
                    await lab.InstallAsync(compiled.Flows);
                    return clock.Elapsed;
                });
                var traffic = connections.Run(perSecond, 2);
                var took = await change;
                var later = connections.Run(perSecond, 1);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{perSecond} packets/s, {name}: quiet lost {quiet.Lost(_ => true)} (opening {opening.Lost(_ => true)}), in {quiet.Took.TotalSeconds:0.0} s; permitted lost {traffic.Lost(i => !IsRevoked(i))} of {connections.Count * 99 / 100 * traffic.Rounds}; revoked answered after {later.Passed(IsRevoked)}, permitted lost after {later.Lost(i => !IsRevoked(i))}; bundle {took.TotalMilliseconds:0} ms"));
            }
        }

        return 0;
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
