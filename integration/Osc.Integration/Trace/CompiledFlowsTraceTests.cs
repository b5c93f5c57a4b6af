using System.Globalization;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Decisions;
using Osc.Scenarios;
using Xunit;

namespace Osc.Integration.Trace;

/// <summary>Compiled flows in a real Open vSwitch against Decide: what ofproto/trace says of a connection's first packet, and with which rules it would commit it.</summary>
public sealed class CompiledFlowsTraceTests(ITestOutputHelper output)
{
    private const int Wanted = 6_000;
    private const int ConnectionsOfState = 150;

    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_real_switch_decides_connections_of_random_states_as_Decide_does()
    {
        await using var traced = await TracedSwitch.StartAsync();
        output.WriteLine($"Open vSwitch {await traced.VersionAsync()}");
        var asked = 0;
        var forwarded = 0;
        for (var seed = 5_000; asked < Wanted * Scale; seed++)
        {
            var scenario = RandomScenario.Of(seed);
            var connections = Enumerable.Range(0, ConnectionsOfState).Select(_ => scenario.NextConnection()).Distinct().ToArray();
            foreach (var host in scenario.State.Hosts)
            {
                var compiled = HostCompiler.Compile(scenario.State, host.Metadata.Name, HostNumbering.Empty);
                foreach (var bridge in host.Bridges)
                {
                    await traced.ProgramAsync(compiled.Flows.Find(bridge.Name)!.Flows); // compiled: each of the host's bridges
                    foreach (var connection in connections)
                    {
                        foreach (var question in Question.Of(scenario.State, host, bridge, connection))
                        {
                            var expected = question.Expected(compiled.Numbering);
                            var answer = await traced.TraceAsync(question.InPort, question.Packet);
                            Assert.True(
                                (answer.Forwards, answer.Rejects, answer.Label) == expected,
                                $"seed {seed}, {host.Metadata.Name}/{bridge.Name}, {connection}: expected {expected}, was {(answer.Forwards, answer.Rejects, answer.Label)}\n{answer.Text}");
                            asked++;
                            forwarded += answer.Forwards ? 1 : 0;
                        }
                    }
                }
            }
        }

        output.WriteLine($"{asked} connections traced, {forwarded} forwarded");
        Assert.InRange(forwarded, asked / 20, asked * 19 / 20);
    }

    /// <summary>A connection's first packet as one bridge meets it, and what the specification makes of the sides that are there.</summary>
    private sealed record Question(PortName InPort, Packet Packet, SideDecision? Out, SideDecision? In)
    {
        public static IEnumerable<Question> Of(State state, HostDocument host, Bridge bridge, Connection connection)
        {
            var ends = Ends.Of(state, connection);
            var decision = Decider.Decide(state, connection);
            var sourceHere = IsHere(ends.Source, host, bridge);
            var destinationHere = IsHere(ends.Destination, host, bridge);
            if (ends.AreApart && sourceHere && ends.Source is { } source)
            {
                var sameNetwork = ends.Destination?.Network == source.Network;
                yield return new(
                    source.Interface.Attachment!.Port, // it is here
                    Packet.FirstOf(connection, source.Interface.Mac, sameNetwork ? ends.Destination!.Interface.Mac : SimulatedFleet.Router),
                    decision.Out,
                    destinationHere ? decision.In : null);
            }
            else if (ends.AreApart && destinationHere && ends.Destination is { } destination)
            {
                var packet = Packet.FirstOf(connection, SimulatedFleet.Router, destination.Interface.Mac);
                yield return new(bridge.Uplinks[0], packet with { Vlan = (ushort)destination.Network.Segment.Id }, null, decision.In);
            }
        }

        public (bool Forwards, bool Rejects, UInt128? Label) Expected(HostNumbering numbering)
        {
            var deciding = new[] { Out, In }.FirstOrDefault(side => side is not null && side.Verdict != Verdict.Allow);
            return deciding is null
                ? (true, false, NumberOf(Out, numbering) | (NumberOf(In, numbering) << Registers.LabelInRule.Offset))
                : (false, deciding.Verdict == Verdict.Reject, null);
        }

        private static UInt128 NumberOf(SideDecision? side, HostNumbering numbering) => side?.Rule is { } rule ? numbering.Rules[rule.ToString()] : 0u;

        private static bool IsHere(PlacedInterface? end, HostDocument host, Bridge bridge) =>
            end?.Interface.Attachment is { } at && at.Host == host.Metadata.Name && (at.Bridge ?? host.Bridges[0].Name) == bridge.Name;
    }
}
