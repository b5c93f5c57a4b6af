using System.Globalization;
using System.Text;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Decisions;
using Osc.Policy.Documents;
using Osc.Policy.Validation;

namespace Osc.Integration.Continuity;

/// <summary>
/// One host with workloads of two kinds on one network, in turns: clients may ask servers by one UDP port, and nothing else may be. Far addresses
/// and further rules make it as large as wanted.
/// </summary>
internal static class ProbedSite
{
    public static readonly Name Host = Name.Parse("h1");
    public static readonly PortName Bridge = PortName.Parse("br-int");

    private const ushort Asked = 7_000;
    private const ushort NotAsked = 7_001;

    /// <summary>So many far addresses are listed by one group.</summary>
    private const int GroupSize = 2_000;

    /// <param name="workloads">Local ones; even.</param>
    /// <param name="farAddresses">Each is a flow, more or less.</param>
    public static State Of(int workloads, int farAddresses)
    {
        var yaml = new StringBuilder("""
            { apiVersion: osc/v1, kind: Cloud, metadata: { name: lab, tenant: system } }
            ---
            { apiVersion: osc/v1, kind: Tenant, metadata: { name: shop, tenant: system }, spec: { defaultAction: drop } }
            ---
            { apiVersion: osc/v1, kind: Host, metadata: { name: h1, tenant: system }, spec: { cloud: lab, bridges: [ { name: br-int } ] } }
            ---
            { apiVersion: osc/v1, kind: Network, metadata: { name: front, tenant: shop }, spec: { cloud: lab, vlan: 10, subnets: [ 10.9.0.0/16, "fd09::/64" ] } }
            ---
            { apiVersion: osc/v1, kind: SecurityGroup, metadata: { name: clients, tenant: shop }, spec: { members: [ { selector: role = client } ] } }
            ---
            { apiVersion: osc/v1, kind: SecurityGroup, metadata: { name: servers, tenant: shop }, spec: { members: [ { selector: role = server } ] } }

            """);
        for (var i = 0; i < workloads; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $$"""
                ---
                apiVersion: osc/v1
                kind: Workload
                metadata: { name: w{{i}}, tenant: shop, labels: { role: {{(i % 2 == 0 ? "client" : "server")}} } }
                spec:
                  cloud: lab
                  interfaces:
                    - { name: eth0, mac: "02:00:00:00:01:{{i:x2}}", addresses: [ 10.9.1.{{i + 1}}, "fd09::{{i + 1:x}}" ], network: front, attachment: { host: h1, port: p{{i}} } }

                """);
        }

        var rules = new StringBuilder().Append(CultureInfo.InvariantCulture, $"    - {{ name: ask, from: [ clients ], to: [ servers ], services: [ udp/{Asked} ], action: allow }}\n");
        for (var first = 0; first < farAddresses; first += GroupSize)
        {
            var group = $"far-{first / GroupSize}";
            yaml.Append(CultureInfo.InvariantCulture, $"---\napiVersion: osc/v1\nkind: SecurityGroup\nmetadata: {{ name: {group}, tenant: shop }}\nspec:\n  members:\n");
            for (var i = first; i < Math.Min(first + GroupSize, farAddresses); i++)
            {
                yaml.Append(CultureInfo.InvariantCulture, $"    - {{ cidr: 172.{16 + (i >> 16)}.{(i >> 8) & 255}.{i & 255}/32 }}\n");
            }

            rules.Append(CultureInfo.InvariantCulture, $"    - {{ name: {group}, from: [ {group} ], to: [ servers ], services: [ tcp/{8_000 + (first / GroupSize)} ], action: allow }}\n");
        }

        yaml.Append(CultureInfo.InvariantCulture, $"---\napiVersion: osc/v1\nkind: Policy\nmetadata: {{ name: ask, tenant: shop }}\nspec:\n  rules:\n{rules}");
        var read = DocumentReader.Read(yaml.ToString(), "site.yaml");
        var result = StateValidator.Validate(default, DocumentSet.Of(read.Documents));
        return result.State is { } state && read.Errors.Count == 0 ? state : throw new LabException(string.Join('\n', read.Errors.Concat(result.Errors)));
    }

    /// <summary>For each client and the server after it, in either family: what it may ask, what it may not, and the server asking the client.</summary>
    public static IReadOnlyList<ProbedPair> Pairs(PolicyLab lab, State state) =>
    [
        .. from pair in lab.Stations.Chunk(2)
           from family in new[] { IpFamily.IPv4, IpFamily.IPv6 }
           from way in new (Station From, Station To, ushort Port)[] { (pair[0], pair[1], Asked), (pair[0], pair[1], NotAsked), (pair[1], pair[0], Asked) }
           let connection = Between(way.From, way.To, family, way.Port)
           select new ProbedPair(way.From, way.To, connection, Decider.Decide(state, connection).Verdict == Verdict.Allow),
    ];

    private static Connection Between(Station from, Station to, IpFamily family, ushort port) => new(
        from.Placed.Vrf, from.Addresses.First(a => a.Family == family), to.Addresses.First(a => a.Family == family), IpProtocol.Udp, port);
}
