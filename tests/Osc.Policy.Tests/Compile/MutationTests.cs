using System.Collections.Concurrent;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>
/// Whether the agreement check can fail: faults put into compiled flows on purpose, one at a time, in a flow that takes part
/// in a decision. Some change nothing that can be seen (a rule that another shadows, a class that nobody on the way has), so
/// not every one is noticed; most must be.
/// </summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Mutants = 40;
    private const int Connections = 500;

    private static readonly HashSet<byte> Relevant =
        [.. PipelineTable.Out.Concat(PipelineTable.In).Append(PipelineTable.OutDefault).Append(PipelineTable.InDefault).Append(PipelineTable.Identify).Select(t => t.Id)];

    private delegate IEnumerable<Flow>? Mutation(Random random, Flow flow, IReadOnlyList<Flow> all);

    private static readonly Dictionary<string, Mutation> Mutations = new()
    {
        ["drop a flow"] = (_, _, _) => [],
        ["widen a match"] = Widen,
        ["swap two rules"] = SwapPriorities,
        ["another number"] = OtherNumber,
    };

    [Theory]
    [InlineData("drop a flow")]
    [InlineData("widen a match")]
    [InlineData("swap two rules")]
    [InlineData("another number")]
    public void Agreement_check_notices_most_faults(string mutation)
    {
        var (noticed, made) = (0, 0);
        var unnoticed = new ConcurrentQueue<string>();
        Parallel.For(0, Mutants, seed =>
        {
            if (MakeFault(seed, Mutations[mutation]) is not var (fleet, scenario, fault))
            {
                return;
            }

            Interlocked.Increment(ref made);
            if (Notices(fleet, scenario))
            {
                Interlocked.Increment(ref noticed);
            }
            else
            {
                unnoticed.Enqueue($"seed {seed}: {fault}");
            }
        });
        output.WriteLine($"{mutation}: {noticed} of {made} noticed\n{string.Join('\n', unnoticed)}");
        Assert.True(made * 5 >= Mutants * 4, $"only {made} of {Mutants} states have a flow that can be mutated so");
        Assert.True(noticed * 3 >= made * 2, $"only {noticed} of {made} noticed");
    }

    /// <summary>The same look at the same states finds nothing where there is no fault.</summary>
    [Fact]
    public void Agreement_check_notices_nothing_without_a_fault() => Parallel.For(0, Mutants, seed =>
    {
        var scenario = RandomScenario.Of(seed);
        Assert.False(Notices(new(scenario.State), scenario), $"seed {seed}");
    });

    private static bool Notices(SimulatedFleet fleet, RandomScenario scenario)
    {
        for (var i = 0; i < Connections; i++)
        {
            var connection = scenario.NextConnection();
            var ends = Ends.Of(scenario.State, connection);
            fleet.ForgetConnections();
            if (ends.AreSeen && ends.AreApart && AgreementCheck.Compare(fleet, connection) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A state's fleet with one fault in one host's flows: the first mutation from a random place on that can be made; null where none can.</summary>
    private static (SimulatedFleet Fleet, RandomScenario Scenario, string Fault)? MakeFault(int seed, Mutation mutation)
    {
        var scenario = RandomScenario.Of(seed);
        var random = new Random(seed);
        var fleet = new SimulatedFleet(scenario.State);
        var used = UsedFlows(fleet, scenario);
        random.Shuffle(used);
        foreach (var (host, bridge, flow) in used)
        {
            var compiled = fleet.Host(host).Flows;
            var flows = compiled.Find(bridge)!.Flows; // the flow was found there
            if (mutation(random, flow, [.. flows]) is not { } instead || Replace(flows, flow, [.. instead]) is not { } mutated)
            {
                continue;
            }

            fleet.Reprogram(compiled with { Bridges = [.. compiled.Bridges.Select(b => b.Bridge == bridge ? new(bridge, mutated) : b)] });
            return (fleet, scenario, $"{host} {bridge}: {flow}");
        }

        return null;
    }

    /// <summary>The flows of the deciding tables that some random connections met: what nothing meets cannot be noticed.</summary>
    private static (Name Host, PortName Bridge, Flow Flow)[] UsedFlows(SimulatedFleet fleet, RandomScenario scenario)
    {
        var met = new HashSet<string>();
        for (var i = 0; i < 100; i++)
        {
            var connection = scenario.NextConnection();
            var ends = Ends.Of(scenario.State, connection);
            if (ends.AreSeen && ends.AreApart)
            {
                fleet.ForgetConnections();
                met.UnionWith(fleet.Send(ends.Source, ends.Destination, Flows.Simulation.Packet.FirstOf(connection, default, default)).ToString().Split('\n'));
            }
        }

        return [.. from host in scenario.State.Hosts
                   from bridge in fleet.Host(host.Metadata.Name).Flows.Bridges
                   from flow in bridge.Flows
                   where Relevant.Contains(flow.Table) && met.Contains($"{host.Metadata.Name} {flow.Table}: {flow}")
                   select (host.Metadata.Name, bridge.Bridge, flow)];
    }

    private static FlowSet? Replace(FlowSet flows, Flow flow, Flow[] instead)
    {
        var gone = instead.Select(f => f.Key).Append(flow.Key).ToHashSet();
        var rest = flows.Where(f => !gone.Contains(f.Key)).ToArray();
        var others = instead.Length > 1 ? 2 : 1; // a swap replaces two flows, all else one
        return rest.Length == flows.Count - others ? FlowSet.Of([.. rest, .. instead]) : null;
    }

    /// <summary>The far end's class or the service less. (The near end's is often the only one on its host, and says whose it is.)</summary>
    private static IEnumerable<Flow>? Widen(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        Field[] farEnd = flow.Table < PipelineTable.InTiers
            ? [Registers.DestinationClass, Field.CtNwDst, Field.CtIpv6Dst]
            : [Registers.SourceClass, Field.CtNwSrc, Field.CtIpv6Src];
        var places = PlacesOf(flow.Match, [.. farEnd, Registers.Service]);
        if (places.Length == 0)
        {
            return null;
        }

        var left = places[random.Next(places.Length)];
        return [flow with { Match = Rebuild(flow.Match, (i, field) => i == left ? null : field) }];
    }

    /// <summary>Two flows of a table that do different things, in each other's place.</summary>
    private static IEnumerable<Flow>? SwapPriorities(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        var others = all.Where(f => f.Table == flow.Table && f.Priority != flow.Priority && !f.Actions.Equals(flow.Actions)).ToArray();
        if (others.Length == 0)
        {
            return null;
        }

        var other = others[random.Next(others.Length)];
        return [flow with { Actions = other.Actions, Cookie = other.Cookie }, other with { Actions = flow.Actions, Cookie = flow.Cookie }];
    }

    /// <summary>Another class or owner where the flow matches or writes one.</summary>
    private static IEnumerable<Flow>? OtherNumber(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        if (flow.Table == PipelineTable.Identify.Id)
        {
            return [flow with { Actions = [.. flow.Actions.Select(a => a is SetField set ? new SetField(set.Field, set.Value + 1, set.Mask) : a)] }];
        }

        var places = PlacesOf(flow.Match, [Registers.SourceClass, Registers.DestinationClass, Registers.SourceOwner, Registers.DestinationOwner]);
        if (places.Length == 0)
        {
            return null;
        }

        var place = places[random.Next(places.Length)];
        return [flow with { Match = Rebuild(flow.Match, (i, field) => i == place ? field with { Value = field.Value + 1 } : field) }];
    }

    private static int[] PlacesOf(Match match, Field[] fields) =>
        [.. Enumerable.Range(0, match.Fields.Length).Where(i => fields.Contains(match.Fields[i].Field))];

    private static Match Rebuild(Match match, Func<int, FieldMatch, FieldMatch?> change)
    {
        var rebuilt = match.InPort is { } port ? Match.OnPort(port) : Match.Any;
        for (var i = 0; i < match.Fields.Length; i++)
        {
            rebuilt = change(i, match.Fields[i]) is { } field ? rebuilt.With(field.Field, field.Value, field.Mask) : rebuilt;
        }

        return rebuilt;
    }
}
