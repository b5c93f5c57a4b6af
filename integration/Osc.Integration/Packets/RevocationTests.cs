using System.Net.Sockets;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Integration.Packets;

/// <summary>200 open TCP connections on a real switch, IPv4 and IPv6, half of which a change revokes: those stop with the bundle, the others lose nothing.</summary>
public sealed class RevocationTests
{
    private const ushort Port = 5432;
    private const int EachOfFamily = 25;
    private static readonly string[] Clients = ["a-1", "a-2", "b-1", "b-2"];

    [Theory]
    [InlineData("the rule is removed", "cut")]
    [InlineData("the label is removed", "cut")]
    [InlineData("the group is changed", "cut")]
    [InlineData("a quarantine is added", "cut")]
    [InlineData("the rule is removed", "keep")]
    [InlineData("the label is removed", "keep")]
    [InlineData("the group is changed", "keep")]
    [InlineData("a rule that drops comes first", "keep")]
    public async Task Half_of_200_connections_is_revoked_and_the_others_lose_nothing_when(string what, string onRevoke)
    {
        var before = StateOf("none", onRevoke);
        var after = StateOf(what, onRevoke);
        var host = before.Hosts.Single().Metadata.Name;
        await using var lab = await PolicyLab.BuildAsync("revoke", before);
        await using var responder = Responder.Start(lab.Stations.Single(s => s.Name == "shop/server"), [(IpProtocol.Tcp, Port)]);
        var engine = PolicyEngine.Of(before);
        engine.Follow(host, HostNumbering.Empty);
        await lab.InstallAsync(engine.FlowsOf(host));
        var connections = await OpenAsync(lab);
        try
        {
            Assert.Equal(connections.Length, await CountEchoesAsync(connections.Select(c => c.Socket)));

            engine.Apply(after, DocumentChanges.Between(before.Documents, after.Documents));
            engine.Accept();
            Assert.Equal(1, engine.NumberingOf(host).Epoch.Number); // not all are looked at again
            await lab.InstallAsync(engine.FlowsOf(host));
            await lab.Hosts[host].AppctlAsync("revalidator/wait"); // what the datapath has cached follows the barrier by some milliseconds, on a busy machine by more

            var (revoked, others) = (connections.Where(c => c.IsRevoked).ToArray(), connections.Where(c => !c.IsRevoked).ToArray());
            Assert.Equal((100, 100), (revoked.Length, others.Length));
            var (revokedPass, othersPass) = (CountEchoesAsync(revoked.Select(c => c.Socket)), CountEchoesAsync(others.Select(c => c.Socket)));
            Assert.Equal((onRevoke == "keep" ? 100 : 0, 100), (await revokedPass, await othersPass));
        }
        finally
        {
            foreach (var (socket, _) in connections)
            {
                socket.Dispose();
            }
        }
    }

    private static async Task<(Socket Socket, bool IsRevoked)[]> OpenAsync(PolicyLab lab)
    {
        var server = lab.Stations.Single(s => s.Name == "shop/server");
        var opened = new List<(Socket, bool)>();
        foreach (var client in Clients)
        {
            var station = lab.Stations.Single(s => s.Name == $"shop/{client}");
            foreach (var address in server.Addresses.SelectMany(a => Enumerable.Repeat(a, EachOfFamily)))
            {
                opened.Add((await TcpEcho.OpenAsync(station, address, Port), client.StartsWith('b')));
            }
        }

        return [.. opened];
    }

    /// <summary>On how many what is sent comes back.</summary>
    private static async Task<int> CountEchoesAsync(IEnumerable<Socket> sockets) => (await Task.WhenAll(sockets.Select(TcpEcho.ComesBackAsync))).Count(e => e);

    private static State StateOf(string what, string onRevoke)
    {
        var (label, members) = (what == "the label is removed" ? "none" : "b", what == "the group is changed" ? "kind = nobody" : "kind = b");
        var rules = new List<string> { $"{{ name: a, from: [ a ], to: [ servers ], services: [ tcp/{Port} ], action: allow }}" };
        if (what == "a rule that drops comes first")
        {
            rules.Insert(0, "{ name: no-b, from: [ b ], action: drop }");
        }

        if (what != "the rule is removed")
        {
            rules.Add($"{{ name: b, from: [ b ], to: [ servers ], services: [ tcp/{Port} ], action: allow, onRevoke: {onRevoke} }}");
        }

        var quarantine = what == "a quarantine is added"
            ? Document("Policy", "quarantine", "tier: emergency, appliedTo: [ b ], rules: [ { name: all, action: drop } ]")
            : "";
        var text = Document("Tenant", "shop", "") + Document("Host", "h1", "bridges: [ { name: br0 } ]") + Document("Cloud", "lab", "type: xen")
            + Document("Network", "front", "subnets: [ 10.9.0.0/24, \"fd00::/64\" ]")
            + Document("SecurityGroup", "a", "members: [ { selector: \"kind = a\" } ]")
            + Document("SecurityGroup", "b", $"members: [ {{ selector: \"{members}\" }} ]")
            + Document("SecurityGroup", "servers", "members: [ { selector: \"kind = server\" } ]")
            + Document("Policy", "shop", $"tier: application, order: 100, rules: [ {string.Join(", ", rules)} ]")
            + quarantine
            + string.Concat(Clients.Append("server").Select((name, i) => Workload(name, i + 1, name == "server" ? "server" : name[0] == 'a' ? "a" : label)));
        var result = StateValidator.Validate(Revision.None.Next, DocumentReader.Read(text, "revocation.yaml"));
        return result.State ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }

    private static string Document(string kind, string name, string spec, string labels = "") =>
        $"{{ apiVersion: osc/v1, kind: {kind}, metadata: {{ name: {name}, tenant: shop{labels} }}, spec: {{ {spec} }} }}\n---\n";

    private static string Workload(string name, int number, string kind) => Document(
        "Workload",
        name,
        $"cloud: lab, interfaces: [ {{ name: eth0, mac: \"02:00:00:00:00:{number:x2}\", addresses: [ 10.9.0.{number}, \"fd00::{number}\" ], network: front, attachment: {{ host: h1, port: v{number} }} }} ]",
        $", labels: {{ kind: {kind} }}");
}
