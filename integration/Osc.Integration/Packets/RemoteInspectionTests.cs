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

/// <summary>
/// Client and server on two hosts, their appliances on a third, tunnels between them. Both sides inspect, each by its own host: a packet goes
/// through both appliances twice.
/// </summary>
public sealed class RemoteInspectionTests(ITestOutputHelper output)
{
    private const int PerSecond = 500;
    private static readonly Name Lender = Name.Parse("h3");
    private static readonly PortName Bridge = PortName.Parse("br-int");
    private static readonly TimeSpan Counting = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("closed")]
    [InlineData("open")]
    public async Task Hop_on_another_host_is_gone_through_and_when_it_dies_stops_or_is_passed_by(string onFailure)
    {
        var state = StateOf(onFailure);
        await using var lab = await PolicyLab.BuildAsync("remote", state);
        var ips = await Appliance.StartAsync(lab.Space, "ips", lab.Hosts[Lender], Bridge, PortName.Parse("ips-in"), PortName.Parse("ips-out"), isWatched: true);
        var waf = await Appliance.StartAsync(lab.Space, "waf", lab.Hosts[Lender], Bridge, PortName.Parse("waf-in"), PortName.Parse("waf-out"), isWatched: false);
        foreach (var host in state.Hosts)
        {
            await lab.InstallAsync(HostCompiler.Compile(state, host.Metadata.Name, HostNumbering.Empty).Flows);
        }

        var (client, server) = (lab.Stations[0], lab.Stations[1]);
        await using var responder = Responder.Start(server, [(IpProtocol.Tcp, Echoed)]);
        await TunnelsUpAsync(lab);
        using var open = await TcpEcho.OpenAsync(client, server.Addresses.First(a => a.IsIPv4), Echoed);
        Assert.True(await TcpEcho.ComesBackAsync(open));
        await using var streams = await ProbeStreams.StartAsync(Pairs(client, server), PerSecond);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var before = await streams.CutAsync();
        output.WriteLine($"{onFailure}: both up: {before}");
        Assert.Equal((0, 0), (before.Lost, before.Passed));

        foreach (var family in new[] { IpFamily.IPv4, IpFamily.IPv6 })
        {
            // Each side's host sends it through both.
            await HoldsAsync(async () => await ips.CountAsync(family) is var one && one.There >= before.Permitted / 2 && await waf.CountAsync(family) is var other && other.There >= before.Permitted / 2, Counting, $"{family} by both appliances");
        }

        await ips.KillAsync();
        await ips.SeenAsync(isUp: false);
        await Task.Delay(TimeSpan.FromMilliseconds(200)); // packets that were on their way
        var flip = await streams.CutAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var after = await streams.CutAsync();
        output.WriteLine($"{onFailure}: ips killed: {flip}\nafter: {after}");
        Assert.Equal((0, 0), (flip.Passed, after.Passed));
        Assert.Equal(onFailure == "open" ? 0 : after.Permitted, after.Lost);
        Assert.Equal(onFailure == "open", await TcpEcho.ComesBackAsync(open));

        await ips.RestartAsync();
        await HoldsAsync(async () => await streams.CutAsync() is { Permitted: > 0, Lost: 0 }, Counting, "what is inspected does not pass again");
        await lab.Hosts[Lender].KillDaemonAsync();
        await HoldsAsync(async () => await IsAsync(lab, "h1", "down") && await IsAsync(lab, "h2", "down"), Counting, "the lender's death is not seen");
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        var gone = await streams.CutAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var without = await streams.CutAsync();
        output.WriteLine($"{onFailure}: the lender's switch killed: {gone}\nafter: {without}");
        Assert.Equal((0, 0), (gone.Passed, without.Passed));
        Assert.Equal(onFailure == "open" ? 0 : without.Permitted, without.Lost);
    }

    private static async Task TunnelsUpAsync(PolicyLab lab) =>
        await HoldsAsync(async () => await IsAsync(lab, "h1", "up") && await IsAsync(lab, "h2", "up"), Counting, "BFD does not see the tunnels up");

    private static async Task<bool> IsAsync(PolicyLab lab, string host, string state) =>
        (await lab.Hosts[Name.Parse(host)].VsctlAsync("get", "interface", "gnv-h3", "bfd_status:state")).Trim('"', '\n') == state;

    private static State StateOf(string onFailure)
    {
        var read = DocumentReader.ReadYaml($$"""
            { apiVersion: osc/v1, kind: Host, metadata: { name: h1, tenant: system }, spec: { bridges: [ { name: br-int, uplinks: [ trunk ], tunnels: [ { host: h3, port: gnv-h3 } ] } ] } }
            ---
            { apiVersion: osc/v1, kind: Host, metadata: { name: h2, tenant: system }, spec: { bridges: [ { name: br-int, uplinks: [ trunk ], tunnels: [ { host: h3, port: gnv-h3 } ] } ] } }
            ---
            { apiVersion: osc/v1, kind: Host, metadata: { name: h3, tenant: system }, spec: { bridges: [ { name: br-int, tunnels: [ { host: h1, port: gnv-h1 }, { host: h2, port: gnv-h2 } ] } ] } }
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
            spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:02", addresses: [ 10.9.0.2, "fd09::2" ], network: front, attachment: { host: h2, port: p2 } } ] }
            ---
            apiVersion: osc/v1
            kind: InspectionChain
            metadata: { name: both, tenant: shop }
            spec:
              hops:
                - { name: ips, ingress: { host: h3, port: ips-in }, egress: { host: h3, port: ips-out }, onFailure: {{onFailure}} }
                - { name: waf, ingress: { host: h3, port: waf-in }, egress: { host: h3, port: waf-out }, onFailure: {{onFailure}} }
            ---
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: inspected, tenant: shop }
            spec:
              rules:
                - { name: ask, services: [ udp/{{Inspected}}, tcp/{{Echoed}} ], action: inspect, chain: both }
            """, "inspection.yaml");
        return StateValidator.Validate(default, read).State ?? throw new LabException(string.Join('\n', StateValidator.Validate(default, read).Errors));
    }
}
