using System.Globalization;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Explain;
using Osc.Scenarios;
using Xunit;

namespace Osc.Integration.Trace;

/// <summary>
/// Compiled flows in a real Open vSwitch against explain: what ofproto/trace says of a connection's first packet, with which
/// rules it would commit it, and by which flows it came to that.
/// </summary>
public sealed class CompiledFlowsTraceTests(ITestOutputHelper output)
{
    private const int Wanted = 20_000;
    private const int ConnectionsOfState = 250;

    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_real_switch_decides_connections_of_random_states_as_explained()
    {
        await using var traced = await TracedSwitch.StartAsync();
        output.WriteLine($"Open vSwitch {await traced.VersionAsync()}");
        var asked = 0;
        var forwarded = 0;
        for (var seed = 5_000; asked < Wanted * Scale; seed++)
        {
            var scenario = RandomScenario.WithoutInspection(seed);
            var explainer = new Explainer(scenario.State);
            var explanations = Enumerable.Range(0, ConnectionsOfState).Select(_ => scenario.NextConnection()).Distinct().Select(c => explainer.Explain(c)).ToArray();
            foreach (var host in scenario.State.Hosts)
            {
                var compiled = HostCompiler.Compile(scenario.State, host.Metadata.Name, HostNumbering.Empty);
                foreach (var bridge in host.Bridges)
                {
                    await traced.ProgramAsync(compiled.Flows.Find(bridge.Name)!.Flows); // compiled: each of the host's bridges
                    foreach (var question in explanations.SelectMany(e => Question.Of(scenario.State, host, bridge, e)))
                    {
                        var answer = await traced.TraceAsync(question.InPort, question.Packet);
                        var different = question.Compare(scenario.State, compiled, answer);
                        Assert.True(different is null, $"seed {seed}, {host.Metadata.Name}/{bridge.Name}, {question.Explanation.Connection}: {different}\n{answer.Text}");
                        asked++;
                        forwarded += answer.Forwards ? 1 : 0;
                    }
                }
            }
        }

        output.WriteLine($"{asked} connections traced, {forwarded} forwarded");
        Assert.InRange(forwarded, asked / 20, asked * 19 / 20);
    }

    /// <summary>A connection's first packet as one bridge meets it, and what the explanation makes of the sides that are there.</summary>
    private sealed record Question(Explanation Explanation, PortName InPort, Packet Packet, ExplainedSide? Out, ExplainedSide? In)
    {
        public static IEnumerable<Question> Of(State state, HostDocument host, Bridge bridge, Explanation explanation)
        {
            var connection = explanation.Connection;
            var ends = Ends.Of(state, connection);
            var sourceHere = IsHere(ends.Source, host, bridge);
            var destinationHere = IsHere(ends.Destination, host, bridge);
            if (ends.AreApart && sourceHere && ends.Source is { } source)
            {
                var sameNetwork = ends.Destination?.Network == source.Network;
                yield return new(
                    explanation,
                    source.Interface.Attachment!.Port, // it is here
                    Packet.FirstOf(connection, source.Interface.Mac, sameNetwork ? ends.Destination!.Interface.Mac : SimulatedFleet.Router),
                    explanation.Out,
                    destinationHere ? explanation.In : null);
            }
            else if (ends.AreApart && destinationHere && ends.Destination is { } destination)
            {
                var packet = Packet.FirstOf(connection, SimulatedFleet.Router, destination.Interface.Mac);
                yield return new(explanation, bridge.Uplinks[0], packet with { Vlan = (ushort)destination.Network.Segment.Id }, null, explanation.In);
            }
        }

        /// <returns>What the switch does otherwise than explained; null if nothing.</returns>
        public string? Compare(State state, CompiledHost compiled, TraceAnswer answer)
        {
            var expected = Expected(compiled.Numbering);
            var actual = (answer.Forwards, answer.Rejects, answer.Label);
            if (actual != expected)
            {
                return $"expected {expected}, was {actual}";
            }

            return Carries(state, compiled, answer, Out, Direction.Out)
                ?? (Out is { Decision.Verdict: not Verdict.Allow } ? null : Carries(state, compiled, answer, In, Direction.In));
        }

        /// <summary>Holds the flows that the explanation names against those that the packet met.</summary>
        private string? Carries(State state, CompiledHost compiled, TraceAnswer answer, ExplainedSide? side, Direction direction)
        {
            if (side is null)
            {
                return null;
            }

            var named = CarryingFlows.Of(state, compiled, Explanation.Connection, side, direction).ToLookup(f => f.For, f => new TraceStep(f.Table, f.Priority, f.Cookie));
            var identified = answer.Steps.Where(s => s.Table == PipelineTable.Identify.Id && s.Priority > 0).ToArray();
            if (!identified.SequenceEqual(named["source"].Concat(named["destination"])))
            {
                return $"identified by {string.Join(' ', identified)}, explained by {string.Join(' ', named["source"].Concat(named["destination"]))}";
            }

            var first = direction == Direction.Out ? PipelineTable.OutTiers : PipelineTable.InTiers;
            var decided = answer.Steps.Last(s => s.Table >= first && s.Table <= first + PipelineTable.Tiers);
            return named["rule"].Concat(named["default"]).Contains(decided) ? null : $"{direction} side decided by {decided}, explained by {string.Join(' ', named["rule"].Concat(named["default"]))}";
        }

        private (bool Forwards, bool Rejects, UInt128? Label) Expected(HostNumbering numbering)
        {
            var deciding = new[] { Out, In }.FirstOrDefault(side => side is not null && side.Decision.Verdict != Verdict.Allow);
            return deciding is null
                ? (true, false, NumberOf(Out, numbering) | (NumberOf(In, numbering) << Registers.LabelInRule.Offset))
                : (false, deciding.Decision.Verdict == Verdict.Reject, null);
        }

        private static UInt128 NumberOf(ExplainedSide? side, HostNumbering numbering) => side?.Decision.Rule is { } rule ? numbering.Rules[rule.ToString()] : 0u;

        private static bool IsHere(PlacedInterface? end, HostDocument host, Bridge bridge) =>
            end?.Interface.Attachment is { } at && at.Host == host.Metadata.Name && (at.Bridge ?? host.Bridges[0].Name) == bridge.Name;
    }
}
