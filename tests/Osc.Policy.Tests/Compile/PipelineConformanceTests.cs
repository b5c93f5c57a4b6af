using System.Collections.Concurrent;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>Every compiled flow held against the pipeline as data: over random states and the sets in policies/.</summary>
public sealed class PipelineConformanceTests
{
    private const int States = 300;

    private static readonly Dictionary<byte, PipelineTable> Tables = PipelineTable.All.ToDictionary(t => t.Id);

    [Fact]
    public void Flows_of_random_states_keep_to_the_pipeline()
    {
        var faults = new ConcurrentQueue<string>();
        Parallel.For(0, States, seed =>
        {
            foreach (var fault in FaultsOf(RandomScenario.Of(seed).State))
            {
                faults.Enqueue($"seed {seed}: {fault}");
            }
        });

        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("three-tier-shop")]
    [InlineData("multi-tenant-cluster")]
    [InlineData("telco")]
    public void Flows_of_a_policy_set_keep_to_the_pipeline(string set)
    {
        var read = DocumentDirectory.Read(Path.Combine(Repository.Root, "policies", set));
        var state = StateValidator.Validate(new Revision(1), DocumentSet.Of(read.Documents)).State;

        Assert.NotNull(state);
        Assert.Empty(FaultsOf(state));
    }

    /// <summary>A table leads only forward, but for Identify, which is a subroutine, and the way through appliances: on to the next hop, and back to delivery.</summary>
    [Fact]
    public void Tables_are_declared_once_and_lead_forward()
    {
        Assert.Equal(PipelineTable.All.Count, Tables.Count);
        Assert.All(PipelineTable.All, table => Assert.All(table.Next, next => Assert.True((next > table.Id || LeadsBack(next, table.Id)) && Tables.ContainsKey(next), $"{table.Name} leads to {next}")));
    }

    /// <summary>
    /// A tier leads to itself, and Connection back to the spoof guard: each by a flow that sets what it asks not to be set. Appliances lead to the
    /// next and in the end back to delivery.
    /// </summary>
    private static bool LeadsBack(byte next, byte table) => next == table
        ? PipelineTable.Out.Concat(PipelineTable.In).Any(t => t.Id == table)
        : (table, next) == (PipelineTable.Connection.Id, PipelineTable.SpoofGuard.Id)
            || (table, next) == (PipelineTable.Divert.Id, PipelineTable.Hop.Id)
            || (table, next) == (PipelineTable.Return.Id, PipelineTable.DeliveryGuard.Id);

    private static IEnumerable<string> FaultsOf(State state)
    {
        foreach (var host in state.Hosts)
        {
            var compiled = HostCompiler.Compile(state, host.Metadata.Name, HostNumbering.Empty);
            foreach (var (bridge, document) in compiled.Flows.Bridges.Zip(host.Bridges))
            {
                var ports = state.Interfaces.Select(i => i.Interface.Attachment).Where(a => a?.Host == host.Metadata.Name).Select(a => a!.Port) // filtered before
                    .Concat(document.Uplinks)
                    .Concat(document.Tunnels.Select(t => t.Port))
                    .Concat(state.Documents.OfType<InspectionChainDocument>().SelectMany(c => c.Hops).SelectMany(h => new[] { h.Ingress, h.Egress }).Where(p => p.Host == host.Metadata.Name).Select(p => p.Port)).ToHashSet();
                foreach (var flow in bridge.Flows)
                {
                    foreach (var fault in FaultsOf(flow, compiled.Numbering, ports))
                    {
                        yield return $"{fault}: {flow}";
                    }
                }

                foreach (var (one, other) in Rivals(bridge.Flows))
                {
                    yield return $"either may be taken:\n{one}\n{other}";
                }
            }
        }
    }

    private static IEnumerable<string> FaultsOf(Flow flow, HostNumbering numbering, HashSet<PortName> ports)
    {
        if (!Tables.TryGetValue(flow.Table, out var table))
        {
            yield return "no such table";
            yield break;
        }

        foreach (var field in FieldsOf(flow.Match).Where(f => !table.Matches.Contains(f)))
        {
            yield return $"{table.Name} does not match {field}";
        }

        foreach (var next in NextOf(flow).Where(n => !table.Next.Contains(n) || (n <= flow.Table && !LeadsBack(n, flow.Table))))
        {
            yield return $"{table.Name} does not lead to {next}";
        }

        if (flow.Actions.SkipLast(1).OfType<GotoTable>().Any())
        {
            yield return "something follows after goto_table";
        }

        var cookie = FlowCookie.Of(flow.Cookie);
        if (new FlowCookie(cookie.Purpose, cookie.Number).Value != flow.Cookie || !Enum.IsDefined(cookie.Purpose))
        {
            yield return "a cookie that is not ours";
        }

        if (cookie.Rule is { } rule ? numbering.RuleOf(rule) is null : cookie.Number != 0)
        {
            yield return "a cookie that names no rule";
        }

        foreach (var output in flow.Actions.OfType<Output>().Where(o => !ports.Contains(o.Port)))
        {
            yield return $"a port that nobody claims: {output.Port}";
        }

        if (flow.Actions.Any(a => a.ToString().Contains("normal", StringComparison.OrdinalIgnoreCase)))
        {
            yield return "forwarding that is not explicit";
        }

        if (!FlowTextParser.Parse(flow.ToString()).Equals(flow))
        {
            yield return "text that reads as another flow";
        }
    }

    private static IEnumerable<Field> FieldsOf(Match match)
    {
        var fields = new List<Field>();
        if (match.InPort is not null)
        {
            fields.Add(Field.InPort);
        }

        foreach (var entry in match.Fields)
        {
            fields.Add(entry.Field);
        }

        return fields;
    }

    private static IEnumerable<byte> NextOf(Flow flow) => flow.Actions.Select(action => action switch
    {
        GotoTable next => next.Table,
        Resubmit next => next.Table,
        Conntrack ct => ct.Table,
        _ => null,
    }).OfType<byte>();

    /// <summary>Flows of one table and priority that one packet can match both, and that do different things: the switch may take either.</summary>
    private static IEnumerable<(Flow One, Flow Other)> Rivals(FlowSet flows) =>
        from level in flows.Where(f => !f.Actions.OfType<Conjunction>().Any()).GroupBy(f => (f.Table, f.Priority))
        let same = level.ToArray()
        from i in Enumerable.Range(0, same.Length)
        from j in Enumerable.Range(i + 1, same.Length - i - 1)
        where !same[i].Actions.Equals(same[j].Actions) && Overlap(same[i].Match, same[j].Match)
        select (same[i], same[j]);

    private static bool Overlap(Match one, Match other)
    {
        if (one.InPort is { } port && other.InPort is { } otherPort && port != otherPort)
        {
            return false;
        }

        foreach (var field in one.Fields)
        {
            if (other.Find(field.Field) is { } found && (field.Value & found.Mask) != (found.Value & field.Mask))
            {
                return false;
            }
        }

        return true;
    }
}
