using System.Globalization;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Decisions;
using Osc.Policy.Verify.Proof;
using Osc.Scenarios;
using Xunit;

namespace Osc.Integration.Trace;

/// <summary>The verifier's counterexamples in a real Open vSwitch: it does with them what the verifier says of the flows with the fault, and not what the documents say.</summary>
public sealed class PlantedFaultsTraceTests(ITestOutputHelper output)
{
    private const int FaultsOfAKind = 5;
    private const int MaxTries = 60;

    /// <summary>Kinds of which only packets show that a trace cannot carry, as of ARP or of related errors, may have fewer.</summary>
    private const int MinFaults = 60;

    [Fact]
    public async Task Counterexamples_of_planted_faults_are_true_of_a_real_switch()
    {
        await using var traced = await TracedSwitch.StartAsync();
        var (all, decided, shown) = (0, 0, new List<string>());
        foreach (var kind in PlantedFaults.Names)
        {
            var found = 0;
            for (var seed = 7_000; seed < 7_000 + MaxTries && found < FaultsOfAKind; seed++)
            {
                if (Planted.Of(kind, seed) is not { } planted || await traced.TryProgramAsync(planted.Faulty) is not null)
                {
                    continue;
                }

                var wrong = await traced.TraceAsync(planted.Probe);
                await traced.ProgramAsync(planted.Sound);
                var right = await traced.TraceAsync(planted.Probe);
                var told = $"{kind}, seed {seed}: {planted.What}\n  {planted.Fault}\n{wrong.Text}\n{right.Text}";
                Assert.True(planted.IsExpected(right), $"without the fault the switch does not do what it shall; {told}");
                Assert.True(wrong.Actions != right.Actions || wrong.Rejects != right.Rejects, $"the switch shows no fault; {told}");
                if (planted.Decided is { } verdict)
                {
                    Assert.Equal(verdict, Outcome.Of(right));
                    Assert.True(verdict != Outcome.Of(wrong), $"the switch decides with the fault as it shall; {told}");
                    decided++;
                }

                found++;
            }

            all += found;
            shown.Add($"{kind}: {found}");
        }

        output.WriteLine($"{all} faults shown by the switch, {decided} of them held against Decide; {string.Join(", ", shown)}");
        Assert.True(all >= MinFaults, $"{all} faults were traced");
        Assert.True(decided >= MinFaults / 3, $"{decided} faults were held against Decide");
    }

    /// <summary>What becomes of a new connection at a bridge.</summary>
    /// <param name="Label">What it is entered with; null: it is not.</param>
    private readonly record struct Outcome(bool Forwards, bool Rejects, UInt128? Label)
    {
        public static Outcome Of(TraceAnswer answer) => new(answer.Forwards, answer.Rejects, answer.Label);
    }

    /// <summary>A fault in a random state's flows, and the verifier's counterexample.</summary>
    /// <param name="Decided">What Decide says of the counterexample's connection; null where the packet does not come as far as policy, or its connection is open.</param>
    private sealed record Planted(FlowSet Sound, FlowSet Faulty, string What, FlowFault Fault, Probe Probe, Outcome? Decided)
    {
        /// <summary>null: there is no place for the fault, it changes nothing, or no packet shows it that can be traced.</summary>
        public static Planted? Of(string kind, int seed)
        {
            var scenario = RandomScenario.WithoutInspection(seed);
            var random = new Random(seed);
            var host = scenario.State.Hosts.ElementAt(random.Next(scenario.State.Hosts.Count()));
            var compiled = HostCompiler.Compile(scenario.State, host.Metadata.Name, HostNumbering.Empty);
            var bridge = compiled.Flows.Bridges[0];
            if (PlantedFaults.Plant(kind, random, bridge.Flows) is not { } planted)
            {
                return null;
            }

            var flows = compiled.Flows with { Bridges = [.. compiled.Flows.Bridges.Select(b => b == bridge ? new(b.Bridge, planted.Flows) : b)] };
            var proof = FlowVerifier.Prove(new(scenario.State), flows, compiled.Numbering);
            return proof.Faults.FirstOrDefault(f => f.Probe is { } probe && IsTraceable(probe) && !f.IsAmbiguous) is { Probe: { } shows } fault
                ? new(bridge.Flows, planted.Flows, planted.What, fault, shows, Decide(scenario.State, compiled, bridge.Bridge, fault))
                : null;
        }

        /// <summary>Whether the switch does what the verifier expects.</summary>
        public bool IsExpected(TraceAnswer answer)
        {
            var expected = Fault.Expected ?? throw new InvalidOperationException("a counterexample says what is expected");
            var entered = expected.Entered.Split(' ')[^1];
            return answer.Forwards == expected.Sent.Count > 0 && answer.Rejects == expected.Rejected
                && (answer.Label is not { } label || label == UInt128.Parse(entered, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }

        private static bool IsTraceable(Probe probe) => TracedSwitch.Has(probe.Port)
            && probe.Packet is { IsIp: true, IsInvalid: false, Reported: null, TunnelId: 0 }
            && (probe.Packet.Protocol != IpProtocol.IcmpV6 || probe.Packet.IcmpType is < 133 or > 137);

        private static Outcome? Decide(State state, CompiledHost compiled, PortName bridge, FlowFault fault)
        {
            if (fault is not { Stage: "decision", Connection: { } connection, Probe.Open: null } || Ends.Of(state, connection) is not { AreApart: true } ends)
            {
                return null;
            }

            var decision = Decider.Decide(state, connection);
            var (sent, received) = (IsHere(ends.Source) ? decision.Out : null, IsHere(ends.Destination) ? decision.In : null);
            var deciding = new[] { sent, received }.FirstOrDefault(s => s is { Verdict: not Verdict.Allow });
            return deciding is not null
                ? new(false, deciding.Verdict == Verdict.Reject, null)
                : new(true, false, NumberOf(sent) | (NumberOf(received) << Registers.LabelInRule.Offset));

            UInt128 NumberOf(SideDecision? side) => side?.Rule is { } rule ? compiled.Numbering.Rules[rule.ToString()] : 0u;

            bool IsHere(PlacedInterface? end) => end?.Interface.Attachment is { } at && at.Host == compiled.Flows.Host && (at.Bridge ?? state.Host(at.Host)!.Bridges[0].Name) == bridge; // validated: the host is there
        }
    }
}
