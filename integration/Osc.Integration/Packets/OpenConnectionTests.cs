using System.Net.Sockets;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Decisions;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Integration.Packets;

/// <summary>What becomes of open connections on real switches: what belongs to them passes, and a change of policy reaches them at once.</summary>
public sealed class OpenConnectionTests
{
    private const ushort Dns = 53;
    private const ushort Postgres = 5432;
    private const ushort Api = 8080;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public async Task Icmp_error_comes_back_to_the_sender_of_a_permitted_packet(IpFamily family)
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var lab = await PolicyLab.BuildAsync("packet", set.State);
        await InstallAsync(lab, Compile(set.State));

        // Nobody listens: the receiver's kernel answers "port unreachable".
        Assert.Equal(Observed.Refused, await Prober.ProbeAsync(lab.Stations.Single(s => s.Name == "shop/app-1"), Between(lab, "shop/app-1", "platform/core-1", IpProtocol.Udp, Dns, family), Patience));
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public async Task Revoked_connection_stops_and_a_permitted_one_goes_on_when_policy_changes(IpFamily family)
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var lab = await PolicyLab.BuildAsync("packet", set.State);
        await using var database = Responder.Start(lab.Stations.Single(s => s.Name == "shop/db-1"), [(IpProtocol.Tcp, Postgres)]);
        await using var api = Responder.Start(lab.Stations.Single(s => s.Name == "shop/app-1"), [(IpProtocol.Tcp, Api)]);
        var compiled = Compile(set.State);
        await InstallAsync(lab, compiled);

        var revoked = Between(lab, "shop/app-1", "shop/db-1", IpProtocol.Tcp, Postgres, family);
        var permitted = Between(lab, "shop/web-1", "shop/app-1", IpProtocol.Tcp, Api, family);
        using var toRevoke = await OpenAsync(lab, "shop/app-1", revoked);
        using var toKeep = await OpenAsync(lab, "shop/web-1", permitted);
        Assert.True(await TcpEcho.ComesBackAsync(toRevoke) && await TcpEcho.ComesBackAsync(toKeep));

        var changed = WithoutRule(set.State, "app-to-db");
        Assert.NotEqual(Verdict.Allow, Decider.Decide(changed, revoked).Verdict);
        await InstallAsync(lab, [.. changed.Hosts.Select(h => HostCompiler.Update(changed, h.Metadata.Name, compiled.Single(c => c.Flows.Host == h.Metadata.Name)))]);

        Assert.False(await TcpEcho.ComesBackAsync(toRevoke));
        Assert.True(await TcpEcho.ComesBackAsync(toKeep));
        Assert.Equal(Observed.Silent, await Prober.ProbeAsync(lab.Stations.Single(s => s.Name == "shop/app-1"), revoked, Patience));
    }

    private static CompiledHost[] Compile(State state) => [.. state.Hosts.Select(h => HostCompiler.Compile(state, h.Metadata.Name, HostNumbering.Empty))];

    private static async Task InstallAsync(PolicyLab lab, CompiledHost[] hosts)
    {
        foreach (var host in hosts)
        {
            await lab.InstallAsync(host.Flows);
        }
    }

    private static Connection Between(PolicyLab lab, string from, string to, byte protocol, ushort port, IpFamily family)
    {
        IpAddress AddressOf(string name) => lab.Stations.Single(s => s.Name == name).Addresses.First(a => a.Family == family);
        return new(lab.Stations.Single(s => s.Name == from).Placed.Vrf, AddressOf(from), AddressOf(to), protocol, port);
    }

    private static Task<Socket> OpenAsync(PolicyLab lab, string from, Connection connection) =>
        TcpEcho.OpenAsync(lab.Stations.Single(s => s.Name == from), connection.Destination, connection.DestinationPort);

    private static State WithoutRule(State state, string rule) =>
        StateValidator.Validate(state.Revision.Next, state.Documents.With(state.Documents.OfType<PolicyDocument>()
            .Where(p => p.Rules.Any(r => r.Name.Value == rule))
            .Select(p => p with { Rules = p.Rules.Where(r => r.Name.Value != rule).ToValueList() }))).State
        ?? throw new InvalidOperationException("a set without a rule is valid");
}
