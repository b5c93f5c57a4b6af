using System.Net.Sockets;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;
using static Osc.Integration.Packets.InspectedTraffic;

namespace Osc.Integration.Packets;

/// <summary>Inspected connections through real appliances, processes that are killed and come back; everything that passes is counted at both places.</summary>
public sealed class InspectionTests(ITestOutputHelper output)
{
    private const int PerSecond = 1_000;
    private static readonly Name Host = Name.Parse("h1");
    private static readonly PortName Bridge = PortName.Parse("br-int");
    private static readonly TimeSpan Counting = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Inspected_packets_go_through_both_appliances_and_no_other_way()
    {
        await using var lab = await PolicyLab.BuildAsync("inspect", StateOf("closed"));
        var (first, second) = await AppliancesAsync(lab, isFirstWatched: false);
        await InstallAsync(lab, "closed");
        await using (var streams = await ProbeStreams.StartAsync(Pairs(Station(lab, "shop/client"), Station(lab, "shop/server")), PerSecond))
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            var report = await streams.CutAsync();
            output.WriteLine($"{report}");
            Assert.Equal((0, 0), (report.Lost, report.Passed));
        }

        await using var responder = Responder.Start(Station(lab, "shop/server"), [(IpProtocol.Tcp, Echoed)]);
        foreach (var family in new[] { IpFamily.IPv4, IpFamily.IPv6 })
        {
            using var socket = await OpenAsync(lab, family);
            var (before, beforeSecond) = (await CountAsync(first, family), await CountAsync(second, family));
            Assert.True(await TcpEcho.ComesBackAsync(socket));

            // A packet each way and what acknowledges them: as many by the one appliance as by the other.
            await HoldsAsync(async () => Less(await first.CountAsync(family), before) is var one && one.There > 0 && one.Back > 0 && one == Less(await second.CountAsync(family), beforeSecond), Counting, $"{family}");
        }
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("open")]
    public async Task Appliance_that_dies_stops_its_connections_or_is_passed_by_within_a_second(string onFailure)
    {
        await using var lab = await PolicyLab.BuildAsync("inspect", StateOf(onFailure));
        var (first, _) = await AppliancesAsync(lab, isFirstWatched: true);
        await InstallAsync(lab, onFailure);
        await using var responder = Responder.Start(Station(lab, "shop/server"), [(IpProtocol.Tcp, Echoed)]);
        using var open = await OpenAsync(lab, IpFamily.IPv4);
        Assert.True(await TcpEcho.ComesBackAsync(open));
        await using var streams = await ProbeStreams.StartAsync(Pairs(Station(lab, "shop/client"), Station(lab, "shop/server")), PerSecond);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await streams.CutAsync()).Lost);

        await first.KillAsync();
        await first.SeenAsync(isUp: false);
        await Task.Delay(TimeSpan.FromMilliseconds(200)); // packets that were on their way
        var flip = await streams.CutAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var after = await streams.CutAsync();
        output.WriteLine($"{onFailure}: killed: {flip}\nafter: {after}");
        Assert.Equal((0, 0), (flip.Passed, after.Passed));
        if (onFailure == "open")
        {
            Assert.Equal(0, after.Lost);
            Assert.True(await TcpEcho.ComesBackAsync(open), "an open connection does not pass the appliance by");
        }
        else
        {
            Assert.Equal(after.Permitted, after.Lost); // nothing goes past it
            Assert.False(await TcpEcho.ComesBackAsync(open));
        }

        await first.RestartAsync();
        await HoldsAsync(async () => await streams.CutAsync() is { Permitted: > 0, Lost: 0 }, Counting, "what is inspected does not pass again");
    }

    /// <summary>BFD on a machine that is busy with other tests may call dead who only waits: who is not killed is not watched.</summary>
    private static async Task<(Appliance First, Appliance Second)> AppliancesAsync(PolicyLab lab, bool isFirstWatched) => (
        await Appliance.StartAsync(lab.Space, "ips", lab.Hosts[Host], Bridge, PortName.Parse("ips-in"), PortName.Parse("ips-out"), isFirstWatched),
        await Appliance.StartAsync(lab.Space, "waf", lab.Hosts[Host], Bridge, PortName.Parse("waf-in"), PortName.Parse("waf-out"), isWatched: false));

    private static Task InstallAsync(PolicyLab lab, string onFailure) => lab.InstallAsync(HostCompiler.Compile(StateOf(onFailure), Host, HostNumbering.Empty).Flows);

    private static Station Station(PolicyLab lab, string name) => lab.Stations.Single(s => s.Name == name);

    private static Task<Socket> OpenAsync(PolicyLab lab, IpFamily family) =>
        TcpEcho.OpenAsync(Station(lab, "shop/client"), AddressOf(Station(lab, "shop/server"), family), Echoed);

    private static (long There, long Back) Less((long There, long Back) now, (long There, long Back) then) => (now.There - then.There, now.Back - then.Back);

    /// <summary>A count that stays: Open vSwitch counts some time after it has forwarded.</summary>
    private static async Task<(long There, long Back)> CountAsync(Appliance appliance, IpFamily family)
    {
        var count = await appliance.CountAsync(family);
        await HoldsAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var before = count;
            return (count = await appliance.CountAsync(family)) == before;
        }, Counting, "the counts do not come to rest");
        return count;
    }

    private static State StateOf(string onFailure)
    {
        var read = DocumentReader.ReadYaml($$"""
            { apiVersion: osc/v1, kind: Host, metadata: { name: h1, tenant: system }, spec: { bridges: [ { name: br-int } ] } }
            ---
            { apiVersion: osc/v1, kind: Network, metadata: { name: front, tenant: shop }, spec: { vlan: 10, subnets: [ 10.9.0.0/24, "fd09::/64" ] } }
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: client, tenant: shop }
            spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:01", addresses: [ 10.9.0.1, "fd09::1" ], network: front, attachment: { host: h1, port: p1 } } ] }
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: server, tenant: shop }
            spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:02", addresses: [ 10.9.0.2, "fd09::2" ], network: front, attachment: { host: h1, port: p2 } } ] }
            ---
            apiVersion: osc/v1
            kind: InspectionChain
            metadata: { name: both, tenant: shop }
            spec:
              hops:
                - { name: ips, ingress: { host: h1, port: ips-in }, egress: { host: h1, port: ips-out }, onFailure: {{onFailure}} }
                - { name: waf, ingress: { host: h1, port: waf-in }, egress: { host: h1, port: waf-out }, onFailure: closed }
            ---
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: inspected, tenant: shop }
            spec:
              rules:
                - { name: ask, services: [ udp/{{Inspected}}, tcp/{{Echoed}} ], action: inspect, chain: both }
            """, "inspection.yaml");
        return StateValidator.Validate(default, read).State ?? throw new LabException("the documents are not sound");
    }
}
