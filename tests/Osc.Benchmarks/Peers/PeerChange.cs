using System.Globalization;
using System.Text.Json.Nodes;
using Osc.Benchmarks.Delivery;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Peers;

/// <summary>A kind of change, as each product's users would make it, and how it is taken back. All of them change flows on the first host.</summary>
/// <param name="Ovn">Operations on the northbound database.</param>
/// <param name="OscBody">Documents as YAML.</param>
internal sealed record PeerChange(string Name, Func<int, JsonObject[]> Ovn, Func<int, Task<JsonObject[]>> UndoOvn, Func<int, byte[]> OscBody, Func<OscSystem, int, Task<long>> UndoOsc)
{
    private static readonly Name Tenant = PortGroupScenario.GroupOf("g0").Tenant;

    /// <summary>Whether it is the one that OVN is fast at, too.</summary>
    public bool IsAddress { get; private init; }

    /// <summary>The first host's first port is in the first group, and a rule into that group comes from another: in these two things change.</summary>
    public static IEnumerable<PeerChange> All(PortGroupWorkload workload, PortGroupScenario scenario, OvnSystem ovn)
    {
        var documents = scenario.Documents;
        var into = workload.Groups[0].Id;
        var from = workload.Rules.First(r => r.To == into).From;
        var source = workload.Groups.Index().First(g => g.Item.Id == from).Index;
        var port = workload.Ports[0].Id;
        int[] others = [.. workload.Groups.Index().Where(g => !g.Item.Members.Contains(port)).Select(g => g.Index)];

        DocumentChanges Address(int i) => scenario.AddAddress(documents, source, AddressOf(i));
        yield return new(
            "+1 address in a group", i => OvnSystem.AddAddress(from, AddressOf(i)), i => Task.FromResult(OvnSystem.RemoveAddress(from, AddressOf(i))),
            i => Body(Address(i)), (osc, i) => osc.ApplyAsync(Body(Address(i).Reverse())))
        {
            IsAddress = true,
        };

        DocumentChanges Joins(int i) => scenario.Join(documents, 0, others[i % others.Length]);
        yield return new(
            "+1 local port in a group", i => ovn.Join(port, workload.Groups[others[i % others.Length]].Id), i => Task.FromResult(ovn.Leave(port, workload.Groups[others[i % others.Length]].Id)),
            i => Body(Joins(i)), (osc, i) => osc.ApplyAsync(Body(Joins(i).Reverse())));

        WorkloadRule Rule(int i) => new(string.Create(CultureInfo.InvariantCulture, $"new{i}"), from, into, (ushort)(30_000 + i));
        yield return new(
            "+1 rule", i => OvnSystem.AddRule(Rule(i)), i => ovn.RemoveRuleAsync(Rule(i)),
            i => OscSystem.Body([PortGroupScenario.PolicyOf(Rule(i))]), (osc, i) => osc.DeleteAsync(PortGroupScenario.PolicyOf(Rule(i)).Key));

        var first = workload.Ports.Count + 1_000;
        DocumentChanges Remote(int i) => scenario.AddRemotePort(documents, first + i, source);
        WorkloadPort Port(int i) => new(
            string.Create(CultureInfo.InvariantCulture, $"p{first + i}"), MacAddress.FromBits(0x0200_0000_0000UL | (uint)(first + i)), PortGroupWorkload.AddressOf(first + i));
        yield return new(
            "+1 remote port", i => OvnSystem.AddPort(Port(i)), i => ovn.RemovePortAsync(Port(i)),
            i => Body(Remote(i)), (osc, i) => osc.DeleteAsync(new(Tenant, Kind.Workload, Osc.Model.Name.Parse(Port(i).Id))));
    }

    private static byte[] Body(DocumentChanges changes) => OscSystem.Body(changes.Select(c => c.After).OfType<Document>());

    private static IpAddress AddressOf(int i) => IpAddress.FromIPv4((172u << 24) + (16u << 16) + (2 * (uint)i) + 1);
}
