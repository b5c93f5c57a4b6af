using Osc.Benchmarks.Engine;
using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Proof;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks;

/// <summary>
/// A host's proof that goes along with changes of one document: 10,000 ports in 500 groups under 5,000 rules, seen from the host of the first
/// 100. Timed is everything from the valid state, the changed flows and the proof before to the proof after, what documents mean included.
/// </summary>
internal sealed class VerifiedChanges
{
    private const int Times = 40;
    private const int WarmUp = 5;
    private const int PortsOfHost = 100;
    private const double Asked = 10;

    private readonly PolicyEngine engine;
    private PolicyMeaning meaning;
    private HostVerifier verifier;

    private VerifiedChanges(DocumentSet documents)
    {
        engine = PolicyEngine.Of(Sound.StateOf(documents));
        engine.Follow(PortGroupScenario.FirstHost, HostNumbering.Empty);
        meaning = new(engine.State);
        verifier = HostVerifier.Prove(meaning, engine.FlowsOf(PortGroupScenario.FirstHost), engine.NumberingOf(PortGroupScenario.FirstHost));
    }

    /// <returns>How many targets were missed.</returns>
    public static int Run()
    {
        var report = new Report("proof of the medium host after a change of one document");
        var empty = MemoryUse.Now();
        var workload = PortGroupWorkload.Medium;
        var scenario = PortGroupScenario.Of(workload);
        var host = new VerifiedChanges(scenario.Documents);
        report.Memory("proven, with all documents", empty);
        var local = workload.Ports.Take(PortsOfHost).Select(p => p.Id).ToHashSet();
        var groups = workload.Groups.Where(g => g.Members.Any(local.Contains)).Select(g => g.Id).ToHashSet();
        int[] here = [.. workload.Rules.Index().Where(r => groups.Contains(r.Item.To)).Select(r => r.Index)];
        int Place(int i) => here[i * 37 % here.Length];
        WorkloadRule Rule(int i) => workload.Rules[Place(i)];
        host.Repeat(report, "a rule less", "that rule more", (now, i) => scenario.ChangeRule(now, Place(i), null));
        host.Repeat(report, "another port in a rule", "taken back", (now, i) => scenario.ChangeRule(now, Place(i), Rule(i) with { Port = (ushort)(40_000 + i) }));
        host.Repeat(report, "another group in a rule's from", "taken back", (now, i) => scenario.ChangeRule(now, Place(i), Rule(i) with { From = workload.Groups[(i * 13) % workload.Groups.Count].Id }));
        host.Repeat(report, "an address joins a group", "leaves it", (now, i) => scenario.AddAddress(now, i % workload.Groups.Count, IpAddress.FromIPv4((172u << 24) + (31u << 16) + (2 * (uint)i) + 1)));
        host.Repeat(report, "a local port joins a group", "leaves it", (now, i) => scenario.Join(now, i % PortsOfHost, (i + 1) % workload.Groups.Count));
        host.Repeat(report, "a remote port comes, in a group", "goes", (now, i) => scenario.AddRemotePort(now, workload.Ports.Count + i, i % workload.Groups.Count));
        host.Repeat(report, "the rule less that drops what goes to any group", "that rule more", (now, _) => PortGroupScenario.DropNothing(now));
        report.Memory("after these changes", empty);
        GC.KeepAlive(host);
        return report.Missed;
    }

    private void Repeat(Report report, string what, string back, Func<DocumentSet, int, DocumentChanges> make)
    {
        var (there, again) = (new Samples(), new Samples());
        var (most, mostBack) = (0, 0);
        for (var i = -WarmUp; i < Times; i++)
        {
            var changes = make(engine.State.Documents, i + WarmUp);
            if (i < 0)
            {
                Apply(changes, new());
                Apply(changes.Reverse(), new());
                continue;
            }

            most = int.Max(most, Apply(changes, there));
            mostBack = int.Max(mostBack, Apply(changes.Reverse(), again));
        }

        report.Times($"{what} ({most:N0} flows at most)", there, Asked);
        report.Times($"    {back} ({mostBack:N0} flows at most)", again, Asked);
    }

    /// <returns>How many flows of the host changed.</returns>
    private int Apply(DocumentChanges changes, Samples proofs)
    {
        var after = Sound.OfResult(StateValidator.Validate(engine.State, engine.State.Revision.Next, changes));
        var change = engine.Apply(after, changes);
        var from = engine.State.Revision;
        var delta = change.Hosts.Select(h => h.Delta).FirstOrDefault(d => d.Host == PortGroupScenario.FirstHost) ?? new FlowDelta(PortGroupScenario.FirstHost, from, from, ValueList<BridgeDelta>.Empty);
        engine.Accept();
        var (flows, numbering) = (engine.FlowsOf(PortGroupScenario.FirstHost), engine.NumberingOf(PortGroupScenario.FirstHost));
        GC.Collect(); // the garbage of those who made the flows is not the proof's
        verifier = proofs.Add(() =>
        {
            meaning = meaning.After(after, changes);
            return verifier.Update(meaning, changes, flows, delta, numbering);
        });
        return verifier.Proof.Holds ? delta.Count : throw new InvalidOperationException($"called wrong: {verifier.Proof.Faults[0]}");
    }
}
